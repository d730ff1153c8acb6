import type { Event, Produced } from "./scenario.js";

/** An event as a line that a person can read. */
export const describeEvent = (event: Event): string => {
  const when = `${String(event.at).padStart(6)} ms${event.steps > 0 ? ` + ${event.steps} steps` : ""}`;
  return `${when}  ${whatHappens(event)}`;
};

const whatComes = (produced: readonly Produced[]): string => {
  const records = produced.map(
    ({ kind, device, agoMs, critical }) =>
      `${critical === undefined ? "" : `critical, ${critical}: `}${kind === "alert" ? device : `${kind} (${device})`}${agoMs === 0 ? "" : ` ${agoMs} ms ago`}`,
  );
  return `gets ${records.join(", ") || "nothing"}`;
};

const whatHappens = (event: Event): string => {
  switch (event.kind) {
    case "records":
      return `partition ${event.partition} ${whatComes(event.records)}`;
    case "lose-end":
      return `partition ${event.partition} loses its last ${event.lost} records, and ${whatComes(event.records)}`;
    case "smtp":
    case "broker": {
      const share = (rate: number): string => (rate > 1 ? String(rate) : `${Math.round(rate * 100)} %`);
      const parts = Object.entries(event.mood).flatMap(([name, value]) =>
        typeof value === "number"
          ? value > 0
            ? `${name} ${share(value)}`
            : []
          : value
            ? value === true
              ? name
              : `${name} ${value}`
            : [],
      );
      return `${event.kind === "smtp" ? "SMTP server" : "broker"} for ${event.forMs} ms: ${parts.join(", ") || "nothing"}`;
    }
    case "crash":
      return `process ${event.process} is killed; another starts after ${event.backAfterMs} ms`;
    case "freeze":
      return `process ${event.process} is frozen for ${event.forMs} ms${event.atBeat ? ", once its next heartbeat is under way" : ""}`;
    case "cut":
      return `process ${event.process} is cut off from the broker for ${event.forMs} ms`;
    case "transaction":
      return `a transaction is open in partition ${event.partition} for ${event.forMs} ms`;
    case "join":
      return "another process starts";
    case "leave":
      return `process ${event.process} is told to stop`;
    case "mirror":
      return "the group goes on in a mirror of the cluster";
    case "rebalance":
      return `the group is rebalanced${event.claimsLost ? ", and heeds no claims" : ""}`;
  }
};
