import type { FleetOptions } from "./fleet.js";

export interface SimulatorOptions extends Omit<FleetOptions, "durationMs"> {
  /** `host:port,host:port`. */
  readonly brokers: string;
  readonly topic: string;
  /** Records that cannot be read as alerts, and a tombstone, now and then. */
  readonly badRecords: boolean;
  /** Touched whenever the broker acknowledged something: what a health check looks at. */
  readonly aliveFile: string | undefined;
}

export type SimulatorEnvironment =
  | { readonly ok: true; readonly options: SimulatorOptions }
  | { readonly ok: false; readonly errors: readonly string[] };

/** Reads `KAFKA_BROKERS`, `KAFKA_ALERTS_TOPIC` and `SIMULATOR_*`; reports everything that is wrong at once. */
export function readSimulatorOptions(environment: Readonly<Record<string, string | undefined>>): SimulatorEnvironment {
  const errors: string[] = [];
  const text = (name: string, fallback: string): string => environment[name] || fallback;
  const number = (name: string, fallback: number, lowest: number, highest: number, whole: boolean): number => {
    const given = text(name, String(fallback));
    const value = /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
    if (value >= lowest && value <= highest && (!whole || Number.isInteger(value))) return value;
    errors.push(
      `${name} must be ${whole ? "a whole number" : "a number"} from ${lowest} to ${highest}, not ${JSON.stringify(given)}`,
    );
    return fallback;
  };
  const options: SimulatorOptions = {
    brokers: text("KAFKA_BROKERS", ""),
    topic: text("KAFKA_ALERTS_TOPIC", "alerts"),
    devices: number("SIMULATOR_DEVICES", 30, 1, 10_000, true),
    rate: number("SIMULATOR_RATE", 20, 0.1, 5_000, false),
    seed: number("SIMULATOR_SEED", 1, 0, 2 ** 31 - 1, true),
    badRecords: text("SIMULATOR_BAD_RECORDS", "on") === "on",
    aliveFile: environment["SIMULATOR_ALIVE_FILE"] || undefined,
  };
  if (!/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/.test(options.brokers)) {
    errors.push(`KAFKA_BROKERS must be host:port,host:port, not ${JSON.stringify(options.brokers)}`);
  }
  if (!/^(on|off)$/.test(text("SIMULATOR_BAD_RECORDS", "on"))) errors.push("SIMULATOR_BAD_RECORDS must be on or off");
  return errors.length === 0 ? { ok: true, options } : { ok: false, errors };
}
