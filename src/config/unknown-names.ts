import type { Environment } from "./reader.js";

/** A name in the environment that looks like ours and is not. */
export interface UnknownName {
  readonly variable: string;
  readonly nearest: string;
}

const OUR_PREFIX = /^(KAFKA|SMTP|MAIL|WINDOW|CATCH|BUFFER|HTTP|LOG|SHUTDOWN)_/;

/** Conventions that every process may find in its environment. */
const NOT_OURS: ReadonlySet<string> = new Set(["HTTP_PROXY"]);

/** Kubernetes adds these for each service of the namespace; one named `kafka` gives `KAFKA_PORT=tcp://10.0.0.7:9092`. */
const isServiceLink = (name: string, value: string): boolean =>
  /_SERVICE_(HOST|PORT)(_\w+)?$/.test(name) ||
  /_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name) ||
  /^(tcp|udp):\/\//.test(value);

/** Names with one of our prefixes, or one slip away from one of ours (`SMPT_URL`, `LOGLEVEL`, `smtp_url`). */
export const unknownNames = (env: Environment, known: readonly string[]): readonly UnknownName[] => {
  const found: UnknownName[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (value === undefined || known.includes(variable) || NOT_OURS.has(variable) || isServiceLink(variable, value))
      continue;
    // Also keeps the work bounded: nobody's variable is called like this.
    if (variable.length > 64) continue;
    const near = nearest(variable.toUpperCase(), known);
    if (OUR_PREFIX.test(variable) || near.distance <= 1) found.push({ variable, nearest: near.name });
  }
  return found;
};

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
export const editDistance = (a: string, b: string): number => {
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
