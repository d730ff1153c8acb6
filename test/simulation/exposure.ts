import assert from "node:assert/strict";
import type { Digest } from "#src/runtime/ports.js";
import type { Broker } from "./broker.js";
import { type Ledger, RECIPIENTS } from "./ledger.js";

/** A mail of one process, from its first attempt until a commit has its alerts. */
interface Mail {
  readonly partition: number;
  readonly offsets: readonly number[];
  inFlight: number;
  /** Who has it. */
  readonly taken: Set<string>;
  /** Of whom the process has heard that they have it. */
  readonly heard: Set<string>;
  /** A dead letter tells of those who will never have it. */
  buried: boolean;
}

/** Mails that would be sent again if their process were gone now. */
export class Exposure {
  readonly #broker: Broker;
  readonly #ledger: Ledger;
  readonly #max: number;
  readonly #mails = new Map<string, Mail>();

  constructor(broker: Broker, ledger: Ledger, max: number) {
    this.#broker = broker;
    this.#ledger = ledger;
    this.#max = max;
  }

  /** An attempt begins. Returns the mail, and whether it is its first one. */
  started(digest: Digest, messageId: string): { mail: Mail; first: boolean } {
    // A replay may hold other alerts under the same Message-ID.
    const key = `${messageId} ${digest.listed.map(({ offset }) => offset).join(" ")}`;
    const known = this.#mails.get(key);
    const mail: Mail = known ?? {
      partition: digest.partition,
      offsets: digest.listed.map(({ offset }) => offset),
      inFlight: 0,
      taken: new Set(),
      heard: new Set(),
      buried: false,
    };
    this.#mails.set(key, mail);
    mail.inFlight++;
    return { mail, first: known === undefined };
  }

  /** Its dead letter was written. */
  buried(digest: Digest): void {
    for (const mail of this.#mails.values())
      if (mail.partition === digest.partition && mail.offsets[0] === digest.listed[0]?.offset) mail.buried = true;
  }

  /**
   * How many mails of the partition are in flight, or were accepted and are in no commit. Those that one recipient has and another is still to get, or
   * to be in a dead letter for, are not bounded.
   */
  count(partition: number): number {
    let count = 0;
    for (const [id, mail] of this.#mails) {
      if (mail.partition !== partition) continue;
      if (this.#isCommitted(mail)) this.#mails.delete(id);
      else if (mail.inFlight > 0 || isDone(mail)) count++;
    }
    return count;
  }

  check(partition: number): void {
    const count = this.count(partition);
    assert.ok(
      count <= this.#max,
      `G3: ${count} mails of partition ${partition} are in flight or in no commit; a crash would repeat them, and ${this.#max} is the most`,
    );
  }

  /** What is exposed may be sent again: its process is gone, or nobody heard it in time. */
  excuseAll(partition?: number): void {
    this.#excuse(partition, (mail) => mail.inFlight > 0 || mail.taken.size > 0);
  }

  /** What one recipient has and another has not is known only here. */
  excuseHalves(partition?: number): void {
    this.#excuse(partition, (mail) => mail.taken.size > 0 && !isDone(mail));
  }

  #excuse(partition: number | undefined, which: (mail: Mail) => boolean): void {
    for (const mail of this.#mails.values()) {
      if ((partition !== undefined && mail.partition !== partition) || this.#isCommitted(mail) || !which(mail))
        continue;
      this.#ledger.excuse(mail.partition, mail.offsets);
    }
  }

  #isCommitted({ partition, offsets, inFlight }: Mail): boolean {
    return inFlight === 0 && offsets.every((offset) => this.#broker.isCommitted(partition, offset));
  }
}

const isDone = ({ heard, buried }: Mail): boolean => heard.size > 0 && (buried || heard.size === RECIPIENTS.length);
