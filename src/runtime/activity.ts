import type { WallTime } from "../core/time.js";
import type { Clock } from "./clock.js";
import type { DeadLetter } from "./dead-letter-queue.js";
import type { MailAttempt } from "./mail-job.js";
import {
  type Digest,
  digestsOf,
  type EarlierDeadLetters,
  type LetterPosition,
  type LiveState,
  type MailStep,
  type Metrics,
  type Muted,
  type RecentDeadLetter,
  type RecentMail,
  type RecentMute,
  type RepairCount,
  type RepairedField,
} from "./ports.js";

/** The last mails and dead letters, and sums since the start: for the page. Bounded: `RECENT_MAX` of each, their texts cut. */
export class Activity {
  readonly #clock: Clock;
  readonly #clean: (text: string) => string;
  /** Oldest first, one a mail. */
  readonly #mails = new Map<string, RecentMail>();
  readonly #deadLetters: RecentDeadLetter[] = [];
  #deadLettersSince: WallTime;
  #deadLettersBefore = 0;
  readonly #totals = { mailsAccepted: 0, mailsDeadLettered: 0, alerts: 0, muted: 0, deadLetters: 0 };
  /** By route, the latest last. */
  readonly #mutes = new Map<string, RecentMute>();
  readonly #repairs = new Map<RepairedField, number>();
  #unreachableSince: WallTime | undefined;
  #lastFailure: LiveState["smtp"]["lastFailure"];

  /** `clean`: takes out of replies and details what is to be shown to nobody; a server may repeat a secret. */
  constructor(clock: Clock, clean: (text: string) => string = (text) => text) {
    this.#clock = clock;
    this.#clean = clean;
    this.#deadLettersSince = clock.now();
  }

  /** The same metrics, with their sums kept here too. */
  counting(metrics: Metrics): Metrics {
    const totals = this.#totals;
    const repairs = this.#repairs;
    return {
      ...metrics,
      alerts(outcome, count) {
        if (outcome === "windowed" || outcome === "late") totals.alerts += count;
        else if (outcome === "muted") totals.muted += count;
        metrics.alerts(outcome, count);
      },
      alertRepaired(field) {
        repairs.set(field, (repairs.get(field) ?? 0) + 1);
        metrics.alertRepaired(field);
      },
      mailSettled(outcome) {
        if (outcome === "accepted") totals.mailsAccepted++;
        else if (outcome === "dead_lettered") totals.mailsDeadLettered++;
        metrics.mailSettled(outcome);
      },
      deadLetter(stage, reason) {
        totals.deadLetters++;
        metrics.deadLetter(stage, reason);
      },
    };
  }

  /** Fields that were not written as documented, since the start: the most often first. */
  get repairs(): readonly RepairCount[] {
    return [...this.#repairs].map(([field, count]) => ({ field, count })).sort((a, b) => b.count - a.count);
  }

  /** An alert that a route mutes. Of the routes that muted something last. */
  muted({ how, route }: Muted): void {
    const key = `${route.number} ${route.name ?? ""} ${how}`;
    const known = this.#mutes.get(key);
    this.#mutes.delete(key);
    const name = route.name === undefined ? undefined : cut(route.name);
    this.#mutes.set(key, {
      how,
      route: { number: route.number, name },
      alerts: (known?.alerts ?? 0) + 1,
      at: this.#clock.now(),
    });
    const [oldest] = this.#mutes.keys();
    if (this.#mutes.size > RECENT_MAX && oldest !== undefined) this.#mutes.delete(oldest);
  }

  /** One attempt, as `Delivery` tells it. */
  readonly mailAttempted = ({ content, messageId, outcome, attempts, seconds, failure }: MailAttempt): void => {
    const at = this.#clock.now();
    if (outcome !== "unreachable") this.#unreachableSince = undefined;
    else this.#unreachableSince ??= at;
    if (failure !== undefined) {
      const { phase, reason } = failure;
      this.#lastFailure = { at, phase, reason, reply: this.shown(failure.reply || failure.detail || "") };
    }
    for (const digest of digestsOf(content).slice(0, RECENT_MAX))
      this.#note(digest, outcome, { at, messageId, attempts, seconds, reason: failure?.reason });
  };

  /** Of a window: its mail's fate. */
  deadLetterWritten(letter: DeadLetter, position?: LetterPosition): void {
    const at = this.#clock.now();
    const { kind, stage, reason } = letter;
    const detail = this.shown(letter.detail);
    const what = { at, kind, stage, reason, detail, position };
    if (letter.kind === "record") {
      // The key is the device, when it is anything.
      const named = letter.device ?? letter.key?.subarray(0, 4 * TEXT_MAX).toString();
      const deviceId = named === undefined ? undefined : cut(named);
      this.#noteDeadLetter({ ...what, deviceId, partition: letter.partition, offset: letter.offset });
      return;
    }
    const { digest, attempts, messageId } = letter;
    const { deviceId, partition, firstOffset: offset } = digest;
    this.#noteDeadLetter({ ...what, deviceId, partition, offset });
    const known = this.#mails.get(keyOf(digest));
    // Some recipients have it: the letter is about the others.
    if (known?.outcome === "accepted") return;
    this.#note(digest, "dead_lettered", { at, messageId, attempts, seconds: known?.seconds, reason });
  }

  /** Those of the group from before this process began. */
  deadLettersRead({ letters, count, since }: EarlierDeadLetters): void {
    const shown = letters.slice(-RECENT_MAX).map(({ deviceId, detail, reason, ...letter }) => ({
      ...letter,
      reason: cut(reason),
      deviceId: deviceId === undefined ? undefined : cut(deviceId),
      detail: this.shown(detail),
    }));
    this.#deadLetters.unshift(...shown);
    this.#deadLetters.splice(0, Math.max(0, this.#deadLetters.length - RECENT_MAX));
    this.#deadLettersBefore = count;
    this.#deadLettersSince = since;
  }

  /** Without the windows, which are not known here. */
  snapshot(): Omit<LiveState, "windows" | "waitingRecipients"> {
    return {
      mails: [...this.#mails.values()].reverse(),
      deadLetters: this.#deadLetters.toReversed(),
      deadLettersSince: this.#deadLettersSince,
      deadLettersBefore: this.#deadLettersBefore,
      totals: { ...this.#totals },
      repairs: this.repairs,
      mutes: [...this.#mutes.values()].reverse(),
      smtp: { unreachableSince: this.#unreachableSince, lastFailure: this.#lastFailure },
    };
  }

  /** Without what is to be shown to nobody, and cut. */
  shown(text: string): string {
    return cut(this.#clean(text));
  }

  #note(
    digest: Digest,
    outcome: MailStep,
    rest: Pick<RecentMail, "at" | "attempts" | "seconds" | "reason" | "messageId">,
  ): void {
    const { deviceId, partition, count: alerts, windowStart, windowEnd } = digest;
    const key = keyOf(digest);
    const deviceName = digest.deviceName === undefined ? undefined : cut(digest.deviceName);
    this.#mails.delete(key);
    this.#mails.set(key, { ...rest, deviceId, deviceName, partition, alerts, windowStart, windowEnd, outcome });
    if (this.#mails.size <= RECENT_MAX) return;
    const [oldest] = this.#mails.keys();
    if (oldest !== undefined) this.#mails.delete(oldest);
  }

  #noteDeadLetter(letter: RecentDeadLetter): void {
    this.#deadLetters.push(letter);
    if (this.#deadLetters.length > RECENT_MAX) this.#deadLetters.shift();
  }
}

export const RECENT_MAX = 20;

/** Texts come from devices and servers, and may be long: names, replies and details are cut to so many characters. */
export const TEXT_MAX = 200;

export const cut = (text: string): string =>
  text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1).toWellFormed()}…`;

const keyOf = ({ partition, deviceId, windowStart, idOffset }: Digest): string =>
  `${partition} ${windowStart} ${idOffset} ${deviceId}`;
