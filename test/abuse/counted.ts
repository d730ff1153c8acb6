/**
 * The books of what abusers wrote, by reader: a mail about hundreds of devices lists no alert one by one, it says how many there are. A mail that came
 * twice under one Message-ID counts once. Pure.
 */

export interface Counted {
  readonly written: number;
  readonly mails: number;
  /** Written, and in no mail. */
  readonly lost: number;
  /** In mails beyond what was written. */
  readonly repeated: number;
}

export class CountedBooks {
  readonly #readers = new Map<string, { written: number; mailed: number; readonly mails: Set<string> }>();

  wrote(reader: string, alerts: number): void {
    this.#of(reader).written += alerts;
  }

  mailed(reader: string, messageId: string, alerts: number): void {
    const one = this.#of(reader);
    if (one.mails.has(messageId)) return;
    one.mails.add(messageId);
    one.mailed += alerts;
  }

  account(): Counted {
    const total = { written: 0, mails: 0, lost: 0, repeated: 0 };
    for (const { written, mailed, mails } of this.#readers.values()) {
      total.written += written;
      total.mails += mails.size;
      total.lost += Math.max(0, written - mailed);
      total.repeated += Math.max(0, mailed - written);
    }
    return total;
  }

  #of(reader: string): { written: number; mailed: number; readonly mails: Set<string> } {
    const known = this.#readers.get(reader) ?? { written: 0, mailed: 0, mails: new Set() };
    this.#readers.set(reader, known);
    return known;
  }
}
