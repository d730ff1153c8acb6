import type { Severity } from "#src/core/alert.js";
import type { HoldId } from "#src/core/commit-frontier.js";
import {
  type AlertFacts,
  type Effect,
  Partition,
  type PartitionOptions,
  type PartitionStart,
  type PendingMail,
} from "#src/core/partition.js";
import { eventTime, wallTime } from "#src/core/time.js";
import { written } from "#test/support/written.js";

/** A partition led by hand, one readable call a step. Times are seconds; windows of 30 s with 2 s of grace unless told. */
export class PartitionSteps {
  readonly core: Partition;
  readonly mails: PendingMail[] = [];
  /**
   * Each mail as it was when it became due: `device start-end: offsets`, late ones with an L. Of a part: `device start-end early: offsets`, and
   * `device start-end after 2: offsets` where two alerts were told early (`after ?`: unknown).
   */
  readonly log: string[] = [];
  readonly deadLetters: { id: HoldId; offset: number }[] = [];
  /** By their bytes. */
  readonly #told = new Map<string, AlertFacts>();
  /** The hold of each muted alert. */
  readonly muted: HoldId[] = [];
  readonly closed: (Effect & { kind: "closed" })[] = [];

  constructor(options: Partial<PartitionOptions> = {}, start: Partial<PartitionStart> = {}) {
    this.core = new Partition(
      { windowSizeMs: 30_000, graceMs: 2_000, maxListed: 200, catchUpAfterMs: 300_000, ...options },
      { position: 0, time: undefined, marks: [], settled: [], ...start },
      (bytes) => this.#told.get(Buffer.from(bytes).toString("latin1")) as AlertFacts,
    );
  }

  alert(
    deviceId: string,
    seconds: number,
    more: {
      offset?: number;
      severity?: Severity;
      type?: string;
      occurredAt?: string;
      bytes?: Uint8Array;
      redrives?: number;
      urgent?: boolean;
      resolved?: boolean;
    } = {},
  ): this {
    const { offset = this.core.position, severity = "warning", type, bytes = Buffer.from(`alert ${offset}`) } = more;
    const { redrives = 0, urgent = false, resolved = false, occurredAt } = more;
    const at = eventTime(seconds * 1000);
    const status = resolved ? "resolved" : "firing";
    const says = { severity, status, type, occurredAt, bytes } as const;
    this.#told.set(Buffer.from(bytes).toString("latin1"), says);
    return this.#step({ kind: "alert", offset, eventTime: at, device: written(deviceId), says, redrives, urgent });
  }

  urgent(deviceId: string, seconds: number): this {
    return this.alert(deviceId, seconds, { severity: "critical", urgent: true });
  }

  tombstone(seconds: number): this {
    return this.#step({ kind: "tombstone", offset: this.core.position, eventTime: eventTime(seconds * 1000) });
  }

  /** `hold`: one that keeps others, too. */
  mute(seconds: number, hold?: HoldId): this {
    const says = { severity: "warning", status: "firing" } as const;
    const record = { offset: this.core.position, eventTime: eventTime(seconds * 1000) };
    return this.#step({ kind: "muted", ...record, hold, device: written("muted"), says });
  }

  unreadable(seconds: number): this {
    return this.#step({ kind: "unreadable", offset: this.core.position, eventTime: eventTime(seconds * 1000) });
  }

  gap(nextOffset: number, seconds = 0): this {
    return this.#step({ kind: "gap", nextOffset, now: wallTime(seconds * 1000) });
  }

  /** The wall clock says so, and nothing is unread (unless `endOffset` says otherwise). */
  knownEnd(seconds: number, endOffset = this.core.position): this {
    return this.#step({ kind: "known-end", at: wallTime(seconds * 1000), endOffset });
  }

  /** Held windows with at least so many alerts leave before their time. */
  letGo(alerts = Number.POSITIVE_INFINITY): this {
    return this.#step({ kind: "let-go", alerts });
  }

  release(seconds = 0): this {
    return this.#step({ kind: "release", now: wallTime(seconds * 1000) });
  }

  settle(mail: PendingMail | { id: HoldId } | undefined, seconds = 0): this {
    if (mail === undefined) throw new Error("no such mail");
    return this.#step({ kind: "settled", id: mail.id, now: wallTime(seconds * 1000) });
  }

  /** Nobody has it. */
  giveUp(mail: PendingMail | undefined, seconds = 0): this {
    if (mail === undefined) throw new Error("no such mail");
    return this.#step({ kind: "settled", id: mail.id, now: wallTime(seconds * 1000), untold: true });
  }

  /** Somebody has it; others are still to get it. */
  pass(mail: PendingMail | undefined, seconds = 0): this {
    if (mail === undefined) throw new Error("no such mail");
    return this.#step({ kind: "passed", id: mail.id, now: wallTime(seconds * 1000) });
  }

  #describe(mail: PendingMail): string {
    const { windowStart, windowEnd, entries, part, toldEarly } = this.core.mails.contents(mail);
    const which = part === undefined ? "" : part === "early" ? " early" : ` after ${toldEarly ?? "?"}`;
    return `${mail.deviceId} ${windowStart / 1000}-${windowEnd / 1000}${which}: ${entries.map(({ offset, late }) => `${offset}${late ? "L" : ""}`).join(" ")}`;
  }

  #step(input: Parameters<Partition["step"]>[0]): this {
    for (const effect of this.core.step(input)) {
      if (effect.kind === "closed") this.closed.push(effect);
      else if (effect.kind === "dead-letter") this.deadLetters.push(effect);
      else if (effect.kind === "muted") this.muted.push(effect.id);
      else {
        this.mails.push(effect.mail);
        this.log.push(this.#describe(effect.mail));
      }
    }
    return this;
  }
}
