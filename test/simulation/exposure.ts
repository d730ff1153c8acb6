import assert from "node:assert/strict";
import { recipientTag } from "#src/core/delivered.js";
import type { Digest } from "#src/runtime/ports.js";
import type { Broker } from "./broker.js";
import type { Ledger } from "./ledger.js";

/** A mail of one process, from its first attempt until commits settle its alerts. */
interface Mail {
  readonly partition: number;
  /** Serials of its alerts. */
  readonly offsets: readonly number[];
  /** Where they stood in the log. */
  readonly places: readonly number[];
  /** Those with the same one leave, and are repeated, together. */
  readonly fleet: string;
  /** To whom it is under way, for each attempt that the process has not heard the end of. */
  readonly underWay: Set<readonly string[]>;
  /** Of whom the process has heard that they have it. */
  readonly heard: Set<string>;
}

export interface Attempt {
  /** The first one of its mail. */
  readonly first: boolean;
  /** The process hears how it ended, and who has it. */
  heard(accepted: readonly string[]): void;
}

/**
 * Mails that would be sent again if their process were gone now: those under way, and those that a recipient has while no commit says so. It says so
 * with the offsets settled, or with that recipient named in the checkpoint for each of its alerts.
 */
export class Exposure {
  readonly #broker: Broker;
  readonly #ledger: Ledger;
  readonly #max: number;
  /** Per partition. */
  readonly #mails = new Map<number, Map<string, Mail>>();
  readonly #counts = new Map<number, { readonly commits: number; readonly count: number }>();

  constructor(broker: Broker, ledger: Ledger, max: number) {
    this.#broker = broker;
    this.#ledger = ledger;
    this.#max = max;
  }

  /** One device's part of a mail. */
  started(
    { partition, listed }: Digest,
    places: readonly number[],
    messageId: string,
    to: readonly string[],
    isFleet: boolean,
  ): Attempt {
    const mails = this.#mails.get(partition) ?? new Map<string, Mail>();
    this.#mails.set(partition, mails);
    const offsets = listed.map(({ offset }) => offset);
    // A replay may hold other alerts under the same Message-ID.
    const key = `${messageId} ${offsets.join(" ")}`;
    const known = mails.get(key);
    const mail: Mail = known ?? {
      partition,
      offsets,
      places,
      fleet: isFleet ? messageId : key,
      underWay: new Set(),
      heard: new Set(),
    };
    mails.set(key, mail);
    const attempt = [...to];
    mail.underWay.add(attempt);
    this.#counts.delete(partition);
    return {
      first: known === undefined,
      heard: (accepted) => {
        mail.underWay.delete(attempt);
        for (const recipient of accepted) mail.heard.add(recipient);
        this.#counts.delete(partition);
      },
    };
  }

  count(partition: number): number {
    const commits = this.#broker.commitsOf(partition);
    const known = this.#counts.get(partition);
    if (known?.commits === commits) return known.count;
    const exposed = new Set<string>();
    for (const [key, mail] of this.#mails.get(partition) ?? []) {
      if (mail.underWay.size === 0 && this.#unsettled(mail).length === 0) this.#mails.get(partition)?.delete(key);
      else if (this.#exposed(mail).length > 0) exposed.add(mail.fleet);
    }
    const count = exposed.size;
    this.#counts.set(partition, { commits, count });
    return count;
  }

  check(partition: number): void {
    const count = this.count(partition);
    if (count <= this.#max) return;
    const exposed = [...(this.#mails.get(partition)?.values() ?? [])].flatMap((mail) =>
      this.#exposed(mail).length > 0
        ? `${mail.offsets.join(",")} of ${this.#exposed(mail).length}${mail.underWay.size > 0 ? " under way" : ""}`
        : [],
    );
    assert.fail(
      `G3: ${count} mails of partition ${partition} are in flight or in no commit (${exposed.join("; ")}); a crash would repeat them, and ${this.#max} is the most`,
    );
  }

  /** What is exposed may be sent again: its process is gone, or nobody heard it in time. */
  excuseAll(partition?: number): void {
    this.#excuse(partition, (mail) => this.#exposed(mail));
  }

  /** The log has lost its end: nothing of half-delivered windows counts any more, whoever told it. */
  excuseHalves(partition: number): void {
    this.#excuse(partition, (mail) => [
      ...this.#exposed(mail),
      ...(this.#unsettled(mail).length === 0 ? [] : mail.heard),
    ]);
  }

  #excuse(partition: number | undefined, whom: (mail: Mail) => readonly string[]): void {
    for (const [each, mails] of this.#mails) {
      if (partition !== undefined && each !== partition) continue;
      for (const mail of mails.values()) this.#ledger.excuse(mail.partition, mail.offsets, whom(mail));
    }
  }

  /** Who would get it again. */
  #exposed(mail: Mail): string[] {
    const exposed = new Set([...mail.underWay].flat());
    const unsettled = this.#unsettled(mail);
    if (unsettled.length > 0)
      for (const recipient of mail.heard) if (!this.#isTold(mail, unsettled, recipient)) exposed.add(recipient);
    return [...exposed];
  }

  #unsettled({ partition, offsets }: Mail): readonly number[] {
    return offsets.filter((offset) => !this.#broker.isCommitted(partition, offset));
  }

  #isTold({ partition, offsets, places }: Mail, unsettled: readonly number[], recipient: string): boolean {
    const tag = recipientTag(recipient);
    const told = (this.#broker.committed.get(partition)?.delivered ?? []).filter((one) => one.recipients.includes(tag));
    return unsettled.every((offset) => {
      const place = places[offsets.indexOf(offset)] ?? -1;
      return told.some(({ runs }) => runs.some(([first, last]) => first <= place && place <= last));
    });
  }
}
