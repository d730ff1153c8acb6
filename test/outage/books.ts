/**
 * The books of an outage, per alert. Pure, and small enough for millions: an alert is its serial number, of a device serial order is offset order,
 * and a mail is looked at once, when it is accepted.
 */

/** A mail the server took. */
export interface OutageMail {
  readonly device: number;
  /** Milliseconds since the epoch; the end is exclusive. */
  readonly windowStart: number;
  readonly windowEnd: number;
  /** Alerts that it says it has. */
  readonly count: number;
  /** Those it lists, as it lists them. */
  readonly serials: readonly number[];
}

export interface OutageAccount {
  readonly mails: number;
  /** Mails of more than one window. */
  readonly merged: number;
  /** Alerts in no mail. */
  readonly lost: number;
  /** Alerts in more than one. */
  readonly repeated: number;
  /** Listed, never produced, or another device's. */
  readonly unknown: number;
  /** Mails that say another number than they list. */
  readonly miscounted: number;
  /** Alerts that came after a later one of their device. */
  readonly outOfOrder: number;
  /** Mails whose window does not begin at or after the end of their device's mail before. */
  readonly windowsOutOfOrder: number;
  /** Devices with at least one mail. */
  readonly devices: number;
}

export class OutageBooks {
  readonly #deviceOf: Uint16Array;
  readonly #windowMs: number;
  readonly #times: Uint8Array;
  readonly #last = new Map<number, { serial: number; windowEnd: number }>();
  #mails = 0;
  #merged = 0;
  #unknown = 0;
  #miscounted = 0;
  #outOfOrder = 0;
  #windowsOutOfOrder = 0;
  #settled = 0;

  /** `deviceOf`: by serial number, for each alert that was produced. */
  constructor(deviceOf: Uint16Array, windowMs: number) {
    this.#deviceOf = deviceOf;
    this.#windowMs = windowMs;
    this.#times = new Uint8Array(deviceOf.length);
  }

  /** Alerts that are in a mail. */
  get settled(): number {
    return this.#settled;
  }

  get mails(): number {
    return this.#mails;
  }

  take(mail: OutageMail): void {
    this.#mails++;
    if (mail.windowEnd - mail.windowStart > this.#windowMs) this.#merged++;
    if (mail.count !== mail.serials.length) this.#miscounted++;
    const last = this.#last.get(mail.device) ?? { serial: -1, windowEnd: Number.NEGATIVE_INFINITY };
    if (mail.windowStart < last.windowEnd) this.#windowsOutOfOrder++;
    last.windowEnd = mail.windowEnd;
    for (const serial of mail.serials) {
      if (this.#deviceOf[serial] !== mail.device) {
        this.#unknown++;
        continue;
      }
      const times = this.#times[serial] as number;
      if (times === 0) this.#settled++;
      if (times < 255) this.#times[serial] = times + 1;
      if (serial <= last.serial) this.#outOfOrder++;
      last.serial = Math.max(last.serial, serial);
    }
    this.#last.set(mail.device, last);
  }

  /** `produced`: how many of the alerts have been, by serial number; all of them unless it is said. */
  account(produced: number = this.#times.length): OutageAccount {
    let lost = 0;
    let repeated = 0;
    for (const [serial, times] of this.#times.entries()) {
      if (times > 1) repeated++;
      else if (times === 0 && serial < produced) lost++;
    }
    return {
      mails: this.#mails,
      merged: this.#merged,
      lost,
      repeated,
      unknown: this.#unknown,
      miscounted: this.#miscounted,
      outOfOrder: this.#outOfOrder,
      windowsOutOfOrder: this.#windowsOutOfOrder,
      devices: this.#last.size,
    };
  }
}
