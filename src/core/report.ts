/** What a daily report tells, added up record by record: memory follows devices, up to `DEVICES_COUNTED_MAX`, not mails. */

import type { ReportPeriod } from "./report-times.js";

/** What a record says of a device's alerts that nobody was mailed of. */
export interface ReportedMuted {
  readonly deviceId: string;
  readonly deviceName: string | undefined;
  readonly alerts: number;
  readonly critical: number;
  /** `only: report`: it is told of as what was mailed; else the number counts. */
  readonly listed: boolean;
}

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
  /** Its mails that not everybody got. */
  readonly deadLetters: number;
  /** Of its alerts: those that only the report tells of. */
  readonly reportOnly: number;
}

export interface RepairsReport {
  readonly sinceMs: number;
  /** The most often first. */
  readonly fields: readonly { readonly field: string; readonly count: number }[];
}

export interface Report {
  readonly period: ReportPeriod;
  readonly totals: Omit<DeviceReport, "deviceId" | "deviceName"> & {
    /** Alerts that were muted, and are in no other number. */
    readonly muted: number;
  };
  /** Fields of alerts that were not written as documented. Not on record: the reporting instance's own count. Absent: there are none. */
  readonly repairs?: RepairsReport;
  /** Records that could not be read, by reason, most first: whose they are, their keys only say. */
  readonly unreadable: readonly { readonly reason: string; readonly count: number }[];
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
  reportOnly: number;
}

export class ReportSums {
  readonly #devices = new Map<string, Sums>();
  readonly #totals = noSums();
  readonly #unreadable = new Map<string, number>();
  #muted = 0;
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

  muted({ deviceId, deviceName, alerts, critical, listed }: ReportedMuted): void {
    this.#isEmpty = false;
    if (!listed) {
      this.#muted += alerts;
      return;
    }
    const sums = this.#of(deviceId);
    if (sums !== undefined) sums.deviceName = deviceName ?? sums.deviceName;
    for (const each of sums === undefined ? [this.#totals] : [this.#totals, sums]) {
      each.alerts += alerts;
      each.critical += critical;
      each.reportOnly += alerts;
    }
  }

  unreadableRecord(reason: string): void {
    this.#isEmpty = false;
    const known = this.#unreadable.has(reason) || this.#unreadable.size < REASONS_MAX ? reason : OTHER_REASONS;
    this.#unreadable.set(known, (this.#unreadable.get(known) ?? 0) + 1);
  }

  report(period: ReportPeriod): Report {
    const { deviceName: _, ...totals } = this.#totals;
    const devices = [...this.#devices].map(([deviceId, sums]) => ({ deviceId, ...sums })).sort(worstFirst);
    return {
      period,
      totals: {
        ...totals,
        mails: Math.round(totals.mails),
        muted: this.#muted,
      },
      unreadable: [...this.#unreadable]
        .map(([reason, count]) => ({ reason, count }))
        .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
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
/** It is a closed set; whoever may write to the topic may write others. */
const REASONS_MAX = 20;
const OTHER_REASONS = "other";

const noSums = (): Sums => ({
  deviceName: undefined,
  alerts: 0,
  critical: 0,
  mails: 0,
  slowestSeconds: undefined,
  deadLetters: 0,
  reportOnly: 0,
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
