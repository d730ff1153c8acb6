import { basename } from "node:path";

/**
 * Files with a broker that take half a minute and more, most of it waiting: clients that give up, watchdogs, Kafka's sessions. One that starts last is alone
 * at the end. A name that is missing here, or too many, costs time only.
 */
const LONGEST = [
  "broker-outage",
  "chaos",
  "abuse",
  "mirrored-group",
  "unclean-election",
  "managed-cluster",
  "prometheus-alerts",
  "watchdogs",
  "access",
  "leaderless",
  "rebalance",
  "boards",
  "shutdown",
  "backpressure",
  "half-delivered",
  "mail-server-manners-sendmail",
  "mail-server-manners-postfix",
  "mail-server-windows",
  "demo",
  "live-page",
  "recipients-database",
  "registry-away",
  "everything",
  "since",
  "compression",
  "installed",
  "fleet",
  "waiting-recipients",
  "large-batches",
  "open-transaction",
  "windows",
  "unpacked-java",
  "smtp-outage",
  "strangers",
  "lag",
].map((name) => `${name}.test.js`);

const rankOf = (file) => {
  const rank = LONGEST.indexOf(basename(file));
  return rank < 0 ? LONGEST.length : rank;
};

/** For `sort`: these first, the others as they were. */
export const longestFirst = (a, b) => rankOf(a) - rankOf(b);
