import type { Envelope } from "./envelope.js";

/** As `RECORD_ENVELOPE` has it. */
export type EnvelopeName = "connect" | "debezium" | "cloudevents";

/** Loaded only where it is asked for. */
export const envelopeOf = async (name: EnvelopeName | undefined): Promise<Envelope | undefined> => {
  switch (name) {
    case undefined:
      return undefined;
    case "connect":
      return (await import("./connect.js")).connectEnvelope;
    case "debezium":
      return (await import("./debezium.js")).debeziumEnvelope;
    case "cloudevents":
      return (await import("./cloudevents.js")).cloudEventsEnvelope;
  }
};
