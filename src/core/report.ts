/** What a daily report tells, added up record by record: memory follows devices, up to `DEVICES_COUNTED_MAX`, not mails. */

import type { ReportPeriod } from "./report-times.js";

/** What the record of a mail says of one device. */
export interface ReportedMail {
  readonly deviceId: string;
  readonly deviceName: string | undefined;
  readonly alerts: number;
  readonly critical: number;
  /** Somebody has it. */
  readonly accepted: boolean;
  /** Somebody will never have it: a dead letter tells of it. */
  readonly deadLettered: boolean;
  /** How many devices share the mail; each of them has a record. */
  readonly devices: number;
  /** Another mail's record counts its alerts: this one told other readers of them. */
  readonly again?: true | undefined;
  /** Another record of the same mail counts it: this one tells who else got it, or never will. */
  readonly more?: true | undefined;
  /** From the window's end to the mail accepted. */
  readonly seconds: number;
}

export interface DeviceReport {
  readonly deviceId: string;
  /** As the last mail called it. */
  readonly deviceName: string | undefined;
  readonly alerts: number;
  readonly critical: number;
  /** Accepted. */
  readonly mails: number;
  /** Of its accepted mails; undefined when it has none. */
  readonly slowestSeconds: number | undefined;
  /** Devices' mails that not everybody got, and records that could not be read. */
  readonly deadLetters: number;
}

export interface Report {
  readonly period: ReportPeriod;
  readonly totals: Omit<DeviceReport, "deviceId" | "deviceName"> & {
    /** Of the dead letters: records that could not be read. */
    readonly unreadable: number;
  };
  /** The worst first, at most `DEVICES_LISTED_MAX`. */
  readonly devices: readonly DeviceReport[];
  readonly deviceCount: number;
  /** There were more devices than are counted one by one; the totals have them all. */
  readonly moreDevices: boolean;
}

interface Sums {
  deviceName: string | undefined;
  alerts: number;
  critical: number;
  mails: number;
  slowestSeconds: number | undefined;
  deadLetters: number;
}

export class ReportSums {
  readonly #devices = new Map<string, Sums>();
  readonly #totals = noSums();
  #unreadable = 0;
  #moreDevices = false;
  #isEmpty = true;

  /** Nothing was added. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  mail(mail: ReportedMail): void {
    this.#isEmpty = false;
    // A mail of three devices has three records and is one mail; as a dead letter it is three.
    addMail(this.#totals, mail, 1 / Math.max(1, mail.devices));
    const sums = this.#of(mail.deviceId);
    if (sums === undefined) return;
    addMail(sums, mail, 1);
    sums.deviceName = mail.deviceName ?? sums.deviceName;
  }

  /** `deviceId`: its key; undefined when that is no text. */
  unreadableRecord(deviceId: string | undefined): void {
    this.#isEmpty = false;
    this.#unreadable++;
    this.#totals.deadLetters++;
    const sums = deviceId === undefined ? undefined : this.#of(deviceId);
    if (sums !== undefined) sums.deadLetters++;
  }

  report(period: ReportPeriod): Report {
    const { deviceName: _, ...totals } = this.#totals;
    const devices = [...this.#devices].map(([deviceId, sums]) => ({ deviceId, ...sums })).sort(worstFirst);
    return {
      period,
      totals: {
        ...totals,
        mails: Math.round(totals.mails),
        unreadable: this.#unreadable,
      },
      devices: devices.slice(0, DEVICES_LISTED_MAX),
      deviceCount: devices.length,
      moreDevices: this.#moreDevices,
    };
  }

  #of(deviceId: string): Sums | undefined {
    const known = this.#devices.get(deviceId);
    if (known !== undefined) return known;
    if (this.#devices.size >= DEVICES_COUNTED_MAX) {
      this.#moreDevices = true;
      return undefined;
    }
    const sums = noSums();
    this.#devices.set(deviceId, sums);
    return sums;
  }
}

export const DEVICES_LISTED_MAX = 200;
export const DEVICES_COUNTED_MAX = 10_000;

const noSums = (): Sums => ({
  deviceName: undefined,
  alerts: 0,
  critical: 0,
  mails: 0,
  slowestSeconds: undefined,
  deadLetters: 0,
});

const addMail = (sums: Sums, mail: ReportedMail, share: number): void => {
  if (!(mail.again || mail.more)) {
    sums.alerts += mail.alerts;
    sums.critical += mail.critical;
  }
  if (mail.deadLettered) sums.deadLetters++;
  if (!mail.accepted) return;
  if (!mail.more) sums.mails += share;
  sums.slowestSeconds = Math.max(sums.slowestSeconds ?? 0, mail.seconds);
};

/** Dead letters weigh most: somebody was not told. */
const worstFirst = (a: DeviceReport, b: DeviceReport): number =>
  b.deadLetters - a.deadLetters ||
  b.critical - a.critical ||
  b.alerts - a.alerts ||
  (b.slowestSeconds ?? 0) - (a.slowestSeconds ?? 0) ||
  (a.deviceId < b.deviceId ? -1 : 1);
