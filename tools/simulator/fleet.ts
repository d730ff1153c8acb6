/**
 * A fleet of simulated devices, as a plan: what each one sends and when, the same for the same options and seed.
 * Pure; `sender.ts` carries it out.
 */

import { BAD_RECORDS, type BadRecord } from "./bad-records.js";
import { type DeviceKind, KINDS, type Language, SITES } from "./catalog.js";
import { type Random, seededRandom } from "./random.js";

export interface FleetOptions {
  readonly seed: number;
  readonly devices: number;
  /** Alerts per second over the whole fleet, without the storm. */
  readonly rate: number;
  readonly durationMs: number;
  /** All devices speak it; without it each that of its site. */
  readonly language?: Language | undefined;
}

/** Fields of the alert record. */
export interface FleetAlert {
  readonly alertId: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly severity: "info" | "warning" | "critical";
  readonly status: "firing" | "resolved";
  readonly type: string;
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly threshold?: number;
  readonly unit?: string;
}

/** `atMs`: when to send it, counted from the start. */
export type Planned =
  | { readonly kind: "alert"; readonly atMs: number; readonly keyed: boolean; readonly alert: FleetAlert }
  | ({ readonly atMs: number } & BadRecord);

interface Device {
  readonly id: string;
  readonly name: string;
  readonly site: string;
  readonly language: Language;
  readonly kind: DeviceKind;
  /** Alerts left until it reports that all is well. */
  untilResolved: number;
}

/** One device talks all the time, one has a storm, one stops talking. In a fleet too small for roles they are dropped. */
const NOISY_SHARE = 0.2;
const STORM_SECONDS_OF_RATE = 13;
const STORM_MS = 4_000;
const STORM_AT = 0.45;
const SILENT_FROM = 0.3;
const KEYLESS_AT = 0.55;
const LONGEST_FIRING = 6;

export function planFleet(options: FleetOptions): Planned[] {
  const random = seededRandom(options.seed);
  const devices = Array.from({ length: options.devices }, (_, index) => makeDevice(index, random, options.language));
  const planned: Planned[] = [];
  let serial = 0;
  const say = (atMs: number, device: Device, keyed = true): void => {
    planned.push({ kind: "alert", atMs, keyed, alert: makeAlert(device, ++serial, random) });
  };

  const [noisy, stormy, silent] = devices;
  const first = devices[0];
  if (first === undefined) return [];
  for (let at = random.waitMs(options.rate); at < options.durationMs; at += random.waitMs(options.rate)) {
    const device = noisy && random.next() < NOISY_SHARE ? noisy : random.pick(devices);
    const isSilent = device === silent && at > options.durationMs * SILENT_FROM;
    say(at, isSilent ? first : device);
  }
  const storm = Math.max(10, Math.round(options.rate * STORM_SECONDS_OF_RATE));
  const stormMs = Math.min(STORM_MS, options.durationMs / 4);
  for (let index = 0; stormy && index < storm; index++) {
    say(options.durationMs * STORM_AT + (stormMs * index) / storm, stormy);
  }
  // A producer that sets no key: accepted all the same.
  say(options.durationMs * KEYLESS_AT, first, false);
  BAD_RECORDS.forEach((bad, index) => {
    planned.push({ ...bad, atMs: (options.durationMs * (index + 1)) / (BAD_RECORDS.length + 1) });
  });
  return planned.sort((a, b) => a.atMs - b.atMs);
}

function makeDevice(index: number, random: Random, all: Language | undefined): Device {
  const site = SITES[index % SITES.length] ?? random.pick(SITES);
  const kind = KINDS[(index + Math.floor(index / SITES.length)) % KINDS.length] ?? random.pick(KINDS);
  const number = index + 1;
  const language = all ?? site.language;
  const name =
    language === "ko"
      ? `${site.name.ko} ${kind.name.ko} ${number}${kind.counter ?? "호기"}`
      : `${site.name.en}, ${kind.name.en} ${number}`;
  const id = `${site.slug}-${kind.slug}-${String(number).padStart(3, "0")}`;
  return { id, name, site: site.slug, language, kind, untilResolved: random.whole(1, LONGEST_FIRING) };
}

function makeAlert(device: Device, serial: number, random: Random): FleetAlert {
  const { kind, language } = device;
  const common = {
    alertId: `demo-${String(serial).padStart(6, "0")}`,
    deviceId: device.id,
    deviceName: device.name,
    type: kind.type,
    labels: { site: device.site },
  };
  if (--device.untilResolved < 0) {
    device.untilResolved = random.whole(1, LONGEST_FIRING);
    return { ...common, severity: "info", status: "resolved", message: kind.resolved[language] };
  }
  const excess = random.next() ** 2;
  const value = Math.round((kind.threshold + kind.span * excess) * 10) / 10;
  const unit = language === "ko" && kind.unit === "min" ? "분" : kind.unit;
  // As mails write them.
  const text = (number: number): string => `${number}${unit === "%" || unit === "분" ? "" : " "}${unit}`;
  return {
    ...common,
    severity: excess > 0.5 ? "critical" : excess > 0.02 ? "warning" : "info",
    status: "firing",
    message: kind.firing[language](text(value), text(kind.threshold)),
    value,
    threshold: kind.threshold,
    unit,
  };
}
