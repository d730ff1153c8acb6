/** Advice on names in the environment that are not ours. */

import type { Environment } from "./reader.js";
import { usualName } from "./usual-names.js";

/** A name in the environment that looks like ours and is not. */
export interface UnknownName {
  readonly variable: string;
  /** Our names for it. Empty: nothing of ours is near. */
  readonly use: readonly string[];
  /** How the value is to be written, where it is another one. */
  readonly note: string | undefined;
}

/** Conventions that every process may find in its environment. */
const NOT_OURS: ReadonlySet<string> = new Set(["HTTP_PROXY"]);

/** Of a broker, and of the scripts that start one: an env file that broker and product share has them. */
const BROKERS_OWN =
  /^KAFKA_(?:ADVERTISED_|ALLOW_|AUTHORIZER_|AUTO_(?:CREATE|LEADER)_|BACKGROUND_|BROKER_(?:ID|RACK)|CFG_|CLUSTER_ID|COMPRESSION_|CONFLUENT_|CONTROLLER_|CREATE_TOPICS|DEBUG|DEFAULT_REPLICATION|DELETE_TOPIC|DIR$|ENABLE_KRAFT|EXTRA_ARGS|GC_|GROUP_(?:INITIAL|MAX|MIN)_|HEAP_|HOME$|INTER_BROKER|JAVA_|JMX_|JVM_|KRAFT_|LISTENER|LOG4J|LOG_|METRIC|MIN_INSYNC|NODE_ID|NUM_|OFFSETS_|OPTS$|PROCESS_ROLES|SASL_ENABLED_|SASL_MECHANISM_(?:CONTROLLER|INTER)|SHARE_|SOCKET_|SSL_(?:CLIENT_AUTH|KEY_CREDENTIALS|KEYSTORE_(?:CREDENTIALS|FILENAME)|TRUSTSTORE_(?:CREDENTIALS|FILENAME))|STORAGE_|SUPER_USERS|TRANSACTION_|UNCLEAN_|VERSION$|VOLUMES?_|ZK_|ZOOKEEPER_)/;

/**
 * Kubernetes adds these for each service of the namespace, as `docker run --link` does for each container; a service named `kafka` gives
 * `KAFKA_PORT=tcp://10.0.0.7:9092`.
 */
const isServiceLink = (name: string, value: string): boolean =>
  /_SERVICE_(HOST|PORT)(_\w+)?$/.test(name) ||
  /_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name) ||
  /^(tcp|udp|sctp):\/\//.test(value) ||
  /_ENV_/.test(name) ||
  (name.endsWith("_NAME") && value.startsWith("/"));

/** Names that others use for what we have, names with one of our prefixes, and one slip away from one of ours (`SMPT_URL`, `LOGLEVEL`, `smtp_url`). */
export const unknownNames = (env: Environment, known: readonly string[]): readonly UnknownName[] => {
  const found: UnknownName[] = [];
  const prefixes = new Set(known.map(prefixOf));
  const isSet = (name: string): boolean => env[name]?.trim() !== undefined && env[name]?.trim() !== "";
  for (const [variable, value] of Object.entries(env)) {
    if (value === undefined || known.includes(variable) || NOT_OURS.has(variable) || isServiceLink(variable, value))
      continue;
    // Also keeps the work bounded: nobody's variable is called like this.
    if (variable.length > 64) continue;
    const usual = usualFor(variable, known);
    if (usual !== undefined) {
      if (usual.general && (usual.use.some(isSet) || isTheSystems(variable, value))) continue;
      found.push({ variable, use: usual.use, note: usual.note });
      continue;
    }
    if (BROKERS_OWN.test(variable)) continue;
    const near = nearest(variable.toUpperCase(), known);
    if (!prefixes.has(prefixOf(variable)) && near.distance > 1) continue;
    found.push({ variable, use: near.distance <= nearEnough(variable) ? [near.name] : [], note: undefined });
  }
  return found;
};

/** `SMTP_`; of a name without an underscore "". */
const prefixOf = (name: string): string => name.slice(0, name.indexOf("_") + 1);

/** Beyond that, two names have nothing to do with each other. */
const nearEnough = (name: string): number => Math.max(2, Math.floor(name.length / 4));

/** `use`: of the names that others use so, those that this build knows; `SMTP_PASSWORD_FILE` means a file where `SMTP_PASSWORD` is known. */
const usualFor = (variable: string, known: readonly string[]) => {
  const suffix = variable.endsWith("_FILE") && usualName(variable) === undefined ? "_FILE" : "";
  const usual = usualName(suffix === "" ? variable : variable.slice(0, -suffix.length));
  const use = usual?.ours.map((name) => `${name}${suffix}`).filter((name) => known.includes(name)) ?? [];
  return usual === undefined || use.length === 0 ? undefined : { use, note: usual.note, general: usual.general };
};

/** A container's clock in UTC is nobody's wish for mails in UTC. */
const isTheSystems = (variable: string, value: string): boolean =>
  variable === "TZ" && (/^:|^$/.test(value.trim()) || /^(Etc\/)?(UTC|GMT|Universal|Zulu)0?$/i.test(value.trim()));

/** A sentence for all names that mean the same. */
export const unknownNameSentences = (names: readonly UnknownName[]): string[] => {
  const groups = new Map<string, UnknownName[]>();
  for (const name of names) {
    const key = name.use.length === 0 ? name.variable : JSON.stringify([name.use, name.note]);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups.values()].map((group) => {
    const variables = listed(group.map(({ variable }) => variable));
    const are =
      group.length === 1
        ? "is not a variable of alert-digest and has no effect"
        : "are not variables of alert-digest and have no effect";
    const { use = [], note } = group[0] ?? {};
    const advice =
      use.length === 0 ? "--help lists all names" : `use ${listed(use)}${note === undefined ? "" : ` (${note})`}`;
    return `${variables} ${are}; ${advice}`;
  });
};

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

export const nearest = (
  name: string,
  known: readonly string[],
): { readonly name: string; readonly distance: number } => {
  let best = { name: "", distance: Number.POSITIVE_INFINITY };
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance < best.distance) best = { name: candidate, distance };
  }
  return best;
};

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
const editDistance = (a: string, b: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
};
