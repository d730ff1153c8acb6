import { QUIET } from "../runtime/log.js";
import { type Address, addressOf, addressText, type Finding, probe } from "./broker-probe.js";
import { createKafka, explain, type KafkaConnection, rootCause } from "./client.js";
import { clusterOf } from "./log-ends.js";

/**
 * What an error of KafkaJS means, after a look at the addresses themselves where it says no more than that nobody can be talked to: KafkaJS has one
 * sentence for a wrong port, a wrong protocol and a broker that advertises a name nobody knows. Takes some seconds then. Never rejects.
 */
export const explainAfterALook = async (
  error: unknown,
  connection: KafkaConnection,
  names: { topic: string; group: string },
): Promise<string> =>
  (isAboutConnecting(error) ? await diagnose(connection).catch(() => undefined) : undefined) ??
  explain(error, connection, names);

const isAboutConnecting = (error: unknown): boolean => {
  const cause = rootCause(error) as Error & { type?: string };
  // A stranger's bytes may break KafkaJS anywhere; a silent one leaves it with a broker that it thinks it has.
  if (!cause.name.startsWith("KafkaJS")) return cause instanceof RangeError || cause.message === "Broker not connected";
  // A broker that gave an answer with a name was one, and could be talked to.
  return cause.type === undefined || ["ILLEGAL_SASL_STATE", "UNSUPPORTED_SASL_MECHANISM"].includes(cause.type);
};

/** A sentence about what is wrong, with the address and the setting; undefined when nothing is. */
export const diagnose = async (connection: KafkaConnection): Promise<string | undefined> => {
  const given = connection.brokers.map(addressOf);
  const found = await findings(given, connection);
  const usable = found.filter(({ finding }) => finding.kind === "kafka");
  if (usable.length === 0)
    return `no broker of KAFKA_BROKERS can be used: ${sentences(found, (finding) => ` ${SETTING(finding)}`)}`;
  const advertised = await advertisedBrokers(connection);
  if (advertised === undefined) return undefined;
  const others = advertised.filter((one) => !connection.brokers.includes(addressText(one)));
  const wrong = (await findings(others, connection)).filter(({ finding }) => finding.kind !== "kafka");
  if (wrong.length === 0) return undefined;
  const some = wrong.length < advertised.length ? ` (${wrong.length} of ${advertised.length})` : "";
  const answered = usable.map(({ address }) => addressText(address)).join(", ");
  const names = sentences(wrong, (finding) => `, which ${ADVERTISED(finding)}`);
  return `brokers answered at ${answered} and call themselves${some} ${names}: see advertised.listeners of the brokers`;
};

interface Found {
  readonly address: Address;
  readonly finding: Finding;
}

/** So many are looked at: enough to see what is wrong with a cluster. */
const MOST = 12;

const findings = (addresses: readonly Address[], connection: KafkaConnection): Promise<readonly Found[]> =>
  Promise.all(
    addresses.slice(0, MOST).map(async (address) => ({ address, finding: await probe(address, connection) })),
  );

/** The part of KafkaJS that its types leave out: whoever answered first, at an address of `KAFKA_BROKERS`. */
interface SeedBroker {
  readonly brokerPool?: {
    readonly seedBroker?: { metadata(topics: readonly string[]): Promise<{ readonly brokers: readonly Address[] }> };
  };
}

/**
 * As the cluster tells it to its clients. Undefined: it does not, as when it refuses the login. KafkaJS's own `describeCluster` asks a broker at the address
 * that it advertises, which is the one in question.
 */
const advertisedBrokers = async (connection: KafkaConnection): Promise<readonly Address[] | undefined> => {
  const cluster = clusterOf(createKafka(connection, QUIET, { retries: 1 }));
  try {
    await cluster.connect();
    const answer = await (cluster as SeedBroker).brokerPool?.seedBroker?.metadata([]);
    return answer?.brokers.map(({ host, port }) => ({ host, port }));
  } catch {
    return undefined;
  } finally {
    await cluster.disconnect().catch(() => undefined);
  }
};

/** The same thing at several addresses is said once. */
const sentences = (found: readonly Found[], what: (finding: Finding) => string): string => {
  const byWhat = new Map<string, string[]>();
  for (const { address, finding } of found) {
    const text = what(finding);
    byWhat.set(text, [...(byWhat.get(text) ?? []), addressText(address)]);
  }
  return [...byWhat].map(([text, addresses]) => `${addresses.join(", ")}${text}`).join("; ");
};

const LOGIN = "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD";

/** Of an address that a broker gave: what is wrong with it. */
const ADVERTISED = (finding: Finding): string => {
  switch (finding.kind) {
    case "kafka":
      return "can be used";
    case "unresolved":
      return "is a name that this host cannot resolve";
    case "refused":
      return "refuses the connection: nobody listens there, or that broker does not run";
    case "unreachable":
      return `cannot be reached from this host (${finding.code})`;
    case "no-connection":
      return "does not take a connection in time: look for a firewall";
    case "silent":
      return "takes the connection and says nothing";
    case "closed":
      return "takes the connection and closes it";
    case "stranger":
      return `speaks ${finding.speaks}, not Kafka's protocol`;
    case "speaks-tls":
      return "speaks TLS";
    case "speaks-plain":
      return "speaks Kafka's protocol without TLS";
    case "certificate":
      return `has a certificate that is not accepted (${finding.detail})`;
    case "client-certificate":
      return `${finding.given ? "does not accept the client certificate" : "wants a client certificate"} (${finding.detail})`;
    case "tls-failed":
      return `does not get through the TLS handshake (${finding.detail})`;
    case "controller":
      return "is a controller of the cluster, not a broker";
    case "takes-no-login":
      return "is a listener without a login";
    case "wants-login":
      return "closes the connection of a client without a login";
    case "mechanism":
      return `takes logins by ${finding.offered.join(", ")} only`;
  }
};

/** Of an address in `KAFKA_BROKERS`: what is wrong, and which setting it is. */
const SETTING = (finding: Finding): string => `${ADVERTISED(finding)}: ${ADVICE(finding)}`;

const ADVICE = (finding: Finding): string => {
  switch (finding.kind) {
    case "kafka":
    case "unresolved":
    case "stranger":
      return "correct KAFKA_BROKERS";
    case "refused":
    case "unreachable":
    case "no-connection":
      return "check KAFKA_BROKERS, and whether the broker runs";
    case "silent":
      return "check KAFKA_BROKERS, and whether the broker is well";
    case "closed":
      return "check KAFKA_BROKERS, and whether KAFKA_SSL and KAFKA_SASL_MECHANISM fit that listener";
    case "speaks-tls":
      return "set KAFKA_SSL=true, or name a listener without TLS in KAFKA_BROKERS";
    case "speaks-plain":
      return "unset KAFKA_SSL, or name the TLS listener in KAFKA_BROKERS";
    case "certificate":
      switch (finding.problem) {
        case "untrusted":
          return "name the CA that signed it in KAFKA_SSL_CA_FILE";
        case "name":
          return "use a name in KAFKA_BROKERS that the certificate has";
        case "expired":
          return "renew it at the broker, or set this machine's clock";
      }
      break;
    case "client-certificate":
      return finding.given
        ? "use one in KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE that the broker's truststore knows"
        : "set KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE";
    case "tls-failed":
      return "check KAFKA_SSL, and the protocols and ciphers of the broker";
    case "controller":
      return "name a listener of the brokers in KAFKA_BROKERS";
    case "takes-no-login":
      return "unset KAFKA_SASL_*, or name the SASL listener in KAFKA_BROKERS";
    case "wants-login":
      return `set ${LOGIN}`;
    case "mechanism":
      return "correct KAFKA_SASL_MECHANISM";
  }
};
