import assert from "node:assert/strict";
import type { Digest, RecordDeadLetter, WindowDeadLetter } from "#src/runtime/ports.js";
import { MUTED, serialOf, withSerials } from "./broker.js";
import type { RecordKind } from "./scenario.js";

export const RECIPIENTS = ["one@example.org", "two@example.org"] as const;

/** What one recipient has of one alert. */
interface Share {
  /** Message-IDs of the accepted mails with it. */
  readonly accepted: string[];
  dead: boolean;
  /** How often nobody said whether it was taken. */
  unanswered: number;
  /** On record: it is presumed to have come. */
  presumed: boolean;
  /** How many more mails with it may come although one was accepted: something happened that nobody can undo. */
  excuses: number;
}

/** What the outside world has in its hands: mails the SMTP server accepted, dead letters the topic acknowledged. */
export class Ledger {
  /** Partition → offset → recipient. */
  readonly #shares: Share[][][] = [];
  readonly #deadRecords = new Set<string>();
  readonly #muted = new Set<string>();
  /** Message-ID → what mails with it listed. */
  readonly #offsets = new Map<string, readonly number[]>();
  /**
   * Device and window → the offset of the alert that was urgent, the last one of its early mail. A mail may be one message a reader, and whoever reads on
   * elsewhere may have held windows to send along.
   */
  readonly #early = new Map<string, Set<number>>();
  readonly #highest = new Map<string, number>();
  /** Whether event times ascend with offsets, so that mails must come in offset order, whatever happens. */
  readonly #inOrder: boolean;
  /** Whether a replay makes the same mails: no timestamps in the future, and no full buffers, make other windows of it. */
  readonly #sameMails: boolean;
  repeats = 0;
  earlyMails = 0;
  /** Of several windows that told nothing new. */
  heldMails = 0;
  presumedAlerts = 0;

  /** The server refuses no mail, and defers none for long. */
  readonly #allWelcome: boolean;

  constructor(how: { inOrder: boolean; sameMails: boolean; allWelcome: boolean }) {
    this.#inOrder = how.inOrder;
    this.#allWelcome = how.allWelcome;
    this.#sameMails = how.sameMails;
  }

  accepted(digest: Digest, messageId: string, recipients: readonly string[]): void {
    assert.equal(digest.folded, undefined);
    assert.ok(!digest.listed.some(({ alert }) => alert.type === MUTED), "Mutes: somebody is mailed of a muted alert");
    let before = -1;
    for (const { offset } of digest.listed) {
      assert.ok(offset > before, `G2: a mail of ${digest.deviceId} lists alert ${offset} after ${before}`);
      before = offset;
    }
    if (digest.part === "early") {
      const window = `${digest.partition} ${digest.deviceId} ${digest.windowEnd}`;
      const ids = this.#early.get(window) ?? new Set();
      this.#early.set(window, ids.add(before));
      if (this.#sameMails) assert.equal(ids.size, 1, `Urgency: a second early mail of window ${window}`);
      this.earlyMails++;
    }
    if (digest.repeats !== undefined && digest.windowCount > 1) this.heldMails++;
    const offsets = digest.listed.map(({ offset }) => offset);
    this.#offsets.set(messageId, [...(this.#offsets.get(messageId) ?? []), ...offsets]);
    for (const recipient of recipients) {
      const reader = `${digest.deviceId} ${recipient}`;
      for (const { offset } of digest.listed) {
        const share = this.#share(digest.partition, offset, recipient);
        const what = `alert ${digest.partition}/${offset} for ${recipient}`;
        if (share.accepted.length > 0) {
          assert.ok(
            share.excuses > 0,
            `G3: ${what} was mailed again, and nobody had crashed, frozen or lost an answer`,
          );
          share.excuses--;
          this.repeats++;
          if (this.#sameMails)
            assert.ok(
              share.accepted.includes(messageId) || this.#isPart(digest, recipient, share.accepted),
              `G3: ${what} was mailed again under another Message-ID`,
            );
        }
        const highest = this.#highest.get(reader) ?? -1;
        // One that had been given up may still get it from a replay; one that is presumed to have it, at any time.
        if (share.accepted.length === 0 && this.#inOrder && !share.dead && !share.presumed)
          assert.ok(offset > highest, `G2: ${reader} got alert ${offset} after ${highest}`);
        this.#highest.set(reader, Math.max(highest, offset));
        share.accepted.push(messageId);
      }
    }
  }

  /**
   * Whether one of the earlier mails had an alert that this one lacks and that was mailed twice: whoever comes back knows it from the first of these
   * times, which no commit tells of, and sends the rest of that window only.
   */
  #isPart({ partition, listed }: Digest, recipient: string, earlier: readonly string[]): boolean {
    const now = new Set(listed.map(({ offset }) => offset));
    return earlier.some((messageId) =>
      this.#offsets
        .get(messageId)
        ?.some((offset) => !now.has(offset) && this.#share(partition, offset, recipient).accepted.length > 1),
    );
  }

  /** Whether nobody among the recipients would get the alert again without an excuse. */
  maySend(partition: number, offset: number, recipients: readonly string[]): boolean {
    return recipients.every((recipient) => {
      const { accepted, excuses } = this.#share(partition, offset, recipient);
      return accepted.length === 0 || excuses > 0;
    });
  }

  /** A mail with these alerts may come once more. */
  excuse(partition: number, offsets: readonly number[], recipients: readonly string[] = RECIPIENTS): void {
    for (const offset of offsets)
      for (const recipient of recipients) this.#share(partition, offset, recipient).excuses++;
  }

  /** The end of a mail with these alerts was sent to these, and no reply came. */
  unanswered(partition: number, listed: Digest["listed"], recipients: readonly string[]): void {
    for (const { offset } of listed)
      for (const recipient of recipients) this.#share(partition, offset, recipient).unanswered++;
  }

  /** Put on record: these have it, or are presumed to. */
  onRecord({ partition, listed }: Digest, recipients: readonly string[], presumed: readonly string[]): void {
    for (const recipient of recipients) {
      for (const { offset } of listed) {
        const share = this.#share(partition, offset, recipient);
        const what = `alert ${partition}/${offset} for ${recipient}`;
        if (!presumed.includes(recipient)) {
          assert.ok(share.accepted.length > 0, `G1: ${what} is on record as accepted, and was not`);
          continue;
        }
        assert.ok(share.unanswered >= 3, `G1: ${what} is presumed to have come after ${share.unanswered} attempts`);
        share.presumed = true;
        this.presumedAlerts++;
      }
    }
  }

  /**
   * `count` of these muted alerts of a device were put on record: all that were not before and that the log still has, and perhaps some that were, whose commit
   * never came.
   */
  muted(
    partition: number,
    { serials, isThere }: { readonly serials: readonly number[]; readonly isThere: (serial: number) => boolean },
    count: number,
  ): void {
    const keyOf = (serial: number) => `${partition}/${serial}`;
    const keys = [...new Set(serials.map(keyOf))];
    const fresh = new Set(serials.filter((serial) => isThere(serial) && !this.#muted.has(keyOf(serial)))).size;
    assert.ok(count >= fresh, `G1: of ${fresh} muted alerts only ${count} are put on record`);
    assert.ok(count <= keys.length, `G3: ${count} muted alerts are put on record, and there are ${keys.length}`);
    for (const key of keys) this.#muted.add(key);
  }

  deadLetter(letter: WindowDeadLetter | RecordDeadLetter): void {
    if (letter.kind === "record") {
      this.#deadRecords.add(`${letter.partition}/${serialOf(String(letter.value))}`);
      return;
    }
    const { partition, listed } = letter.digest;
    // Who is refused while others of the same mail are accepted is a refused recipient, whatever the server says of it.
    if (this.#allWelcome)
      for (const { offset } of listed)
        assert.ok(
          RECIPIENTS.some((recipient) => this.#share(partition, offset, recipient).accepted.length > 0),
          `G1: a mail of ${letter.digest.deviceId} was given up: ${letter.reason}`,
        );
    assert.deepEqual(
      letter.offsetRuns.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
      listed.map((entry) => entry.offset),
      "G1: a dead letter names exactly the offsets of its alerts",
    );
    assert.ok(letter.recipients.length > 0, "G1: a dead letter names who did not get the mail");
    for (const { offset } of withSerials(letter.digest).listed)
      for (const { address } of letter.recipients) this.#share(partition, offset, address).dead = true;
  }

  /** Whether the record needs nothing more. */
  isSettled(kind: RecordKind, partition: number, offset: number): boolean {
    if (kind === "tombstone" || kind === "marker") return true;
    if (kind === "muted") return this.#muted.has(`${partition}/${offset}`);
    if (kind === "unreadable") return this.#deadRecords.has(`${partition}/${offset}`);
    return RECIPIENTS.every((recipient) => {
      const share = this.#share(partition, offset, recipient);
      return share.accepted.length > 0 || share.dead || share.presumed;
    });
  }

  #share(partition: number, offset: number, recipient: string): Share {
    let log = this.#shares[partition];
    if (log === undefined) this.#shares[partition] = log = [];
    let shares = log[offset];
    if (shares === undefined)
      log[offset] = shares = RECIPIENTS.map(() => ({
        accepted: [],
        dead: false,
        unanswered: 0,
        presumed: false,
        excuses: 0,
      }));
    return shares[RECIPIENTS.indexOf(recipient as (typeof RECIPIENTS)[number])] as Share;
  }
}
