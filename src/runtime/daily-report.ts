import type { Report, ReportSums } from "../core/report.js";
import { lastDue, nextDueMs, type ReportPeriod, type ReportSchedule } from "../core/report-times.js";
import { backoffMs, type Clock } from "./clock.js";
import { Ambiguities, ambiguousPauseMs } from "./conclusion.js";
import type { Logger } from "./log.js";
import type { Mailer, Metrics, RecipientFailure, RenderedMail, SentReport } from "./ports.js";
import type { RepairsSince } from "./repairs-since.js";
import { failureOf, judged, replyOf } from "./send-judgement.js";

/** What is on record. */
export interface ReportSource {
  /**
   * Adds up what happened in the period. `reported`: its report is on record too, by whomever. Rejects when it cannot be read, or soon after `stopped`
   * has become true.
   */
  read(
    period: ReportPeriod,
    stopped: () => boolean,
  ): Promise<{ readonly sums: ReportSums; readonly reported: boolean }>;
}

export interface DailyReportDeps {
  readonly schedule: ReportSchedule;
  readonly to: readonly string[];
  /** Of one transaction. */
  readonly maxRecipients: number;
  /** Whether this instance is the one that sends it: at most one of the group is. */
  readonly isOurs: () => boolean;
  readonly source: ReportSource;
  /** What this instance read that was not written as documented. */
  readonly repairs: Pick<RepairsSince, "take">;
  readonly render: (report: Report, recipients: readonly string[]) => RenderedMail;
  readonly mailer: Pick<Mailer, "send">;
  /** Puts it on record; never rejects. */
  readonly record: (report: SentReport) => Promise<void>;
  readonly metrics: Pick<Metrics, "report">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

/** One report, until it is through or the next one is due. */
interface Task {
  readonly period: ReportPeriod;
  mail: RenderedMail | undefined;
  alerts: number;
  pending: readonly string[];
  readonly reached: string[];
  /** Of `reached`: the server never answered. */
  presumed: string[];
  readonly ambiguities: Ambiguities;
  readonly failed: RecipientFailure[];
  attempts: number;
  /** Attempts of any kind that failed since the last that did not: what the pauses grow with. */
  failures: number;
  /** `clock.elapsed()`. */
  notBefore: number;
}

/**
 * Sends the daily report, with a timer of its own: nothing here holds an alert up. Whoever owns the group's first partition is the one that sends; it looks
 * at the record before, so whoever owns it next does not send it again, and one that starts late sends what nobody sent.
 */
export class DailyReport {
  readonly #deps: DailyReportDeps;
  readonly #startedAtMs: number;
  #cancel: () => void = () => undefined;
  #due: { readonly period: ReportPeriod; readonly nextMs: number } | undefined;
  /** The day whose report is through, or was nobody's to send. */
  #doneDay: string | undefined;
  #task: Task | undefined;
  /** Since when it is ours. */
  #oursSince: number | undefined;
  #busy = false;
  #sending: Promise<void> = Promise.resolve();
  #draining = false;

  constructor(deps: DailyReportDeps) {
    this.#deps = deps;
    this.#startedAtMs = deps.clock.now();
  }

  start(): void {
    this.#tick();
  }

  /** Nothing new begins; resolves when a mail under way has its answer. */
  drain(): Promise<void> {
    this.#draining = true;
    this.#cancel();
    return this.#sending;
  }

  /** How long ago the report was due that is ours to send and is not through; 0: there is none. */
  get overdueMs(): number {
    if (!this.#deps.isOurs()) return 0;
    const now = this.#deps.clock.now();
    const { period } = this.#dueAt(now);
    return period.day === this.#doneDay ? 0 : Math.max(0, now - period.toMs);
  }

  #tick(): void {
    const { clock } = this.#deps;
    this.#cancel = clock.after(TICK_MS, () => this.#tick());
    if (this.#busy) return;
    const elapsed = clock.elapsed();
    if (!this.#deps.isOurs()) {
      // The next owner begins anew with what is on record.
      this.#oursSince = undefined;
      this.#task = undefined;
      return;
    }
    this.#oursSince ??= elapsed;
    const { period } = this.#dueAt(clock.now());
    this.#giveUpOlder(period);
    // Others may still be writing what they sent in the last moments of the period, and a previous owner its report.
    if (elapsed - this.#oursSince < SETTLE_MS || clock.now() - period.toMs < SETTLE_MS) return;
    if (period.day === this.#doneDay) return;
    this.#task ??= newTask(period);
    if (elapsed < this.#task.notBefore) return;
    this.#busy = true;
    void this.#proceed(this.#task).finally(() => {
      this.#busy = false;
    });
  }

  #dueAt(nowMs: number): { readonly period: ReportPeriod } {
    const { schedule } = this.#deps;
    // Also when the clock was set back.
    if (this.#due === undefined || nowMs >= this.#due.nextMs || nowMs < this.#due.period.toMs)
      this.#due = { period: lastDue(nowMs, schedule), nextMs: nextDueMs(nowMs, schedule) };
    return this.#due;
  }

  #giveUpOlder({ day }: ReportPeriod): void {
    const task = this.#task;
    if (task === undefined || task.period.day === day) return;
    this.#task = undefined;
    this.#deps.metrics.report("failed");
    this.#deps.log.error(
      { day: task.period.day, attempts: task.attempts, recipientCount: task.reached.length },
      "daily report given up: the next one is due",
    );
  }

  async #proceed(task: Task): Promise<void> {
    try {
      if (task.mail === undefined && !(await this.#compose(task))) return;
      if (this.#draining || !this.#deps.isOurs()) return;
      this.#sending = this.#send(task);
      await this.#sending;
    } catch (error) {
      if (!this.#draining) this.#pause(task, { error: (error as Error).message }, "daily report cannot be made yet");
    }
  }

  /** False: there is nothing to send. */
  async #compose(task: Task): Promise<boolean> {
    const { source, render, to, log } = this.#deps;
    const { period } = task;
    const { sums, reported } = await source.read(period, () => this.#draining);
    // An instance that was not there when it was due says nothing about a time in which nothing happened.
    if (reported || (sums.isEmpty && this.#startedAtMs > period.toMs)) {
      this.#done(task);
      log.debug({ day: period.day, reported }, "no daily report to send");
      return false;
    }
    const repairs = this.#deps.repairs.take();
    const report: Report = { ...sums.report(period), ...(repairs !== undefined && { repairs }) };
    task.mail = render(report, to);
    task.alerts = report.totals.alerts;
    task.pending = to;
    task.failures = 0;
    return true;
  }

  async #send(task: Task): Promise<void> {
    const { mailer, maxRecipients, log, metrics } = this.#deps;
    const mail = task.mail as RenderedMail;
    const some = task.pending.slice(0, maxRecipients);
    const others = task.pending.slice(maxRecipients);
    task.attempts++;
    const outcome = await mailer.send(mail, some);
    const { refused, still, reached, presumed } = judged(outcome, some, task.ambiguities);
    task.presumed.push(...presumed);
    task.failed.push(...refused);
    task.reached.push(...reached);
    task.pending = [...others, ...still];
    const through = task.pending.length === 0;
    // Also when some are still to get it: whoever sends it next would send it to everybody.
    if (through || outcome.kind === "accepted" || presumed.length > 0) await this.#record(task, replyOf(outcome));
    if (!through) {
      if (still.length === 0) return;
      const times = Math.max(0, ...still.map((address) => task.ambiguities.timesOf(address)));
      const leastMs = outcome.kind === "ambiguous" ? ambiguousPauseMs(times, AMBIGUOUS_UNIT_MS) : 0;
      this.#pause(task, { outcome: outcome.kind, ...failureOf(outcome) }, "daily report not accepted yet", leastMs);
      return;
    }
    this.#done(task);
    const sent = task.reached.length > 0;
    metrics.report(sent ? "sent" : "failed");
    const about = { day: task.period.day, messageId: mail.messageId, attempts: task.attempts };
    const recipients = { recipientCount: task.reached.length, refused: task.failed.length };
    if (sent && task.presumed.length > 0)
      log.warn({ ...about, ...recipients, presumed: task.presumed.length }, "daily report presumed delivered");
    else if (sent) log.info({ ...about, ...recipients }, "daily report sent");
    else log.error({ ...about, ...recipients, ...failureOf(outcome) }, "daily report refused; it is given up");
  }

  async #record(task: Task, reply: string): Promise<void> {
    const { reached, presumed, failed, attempts, period, alerts } = task;
    const outcome = presumed.length > 0 ? "presumed" : reached.length > 0 ? "accepted" : "dead_lettered";
    const { messageId } = task.mail as RenderedMail;
    const at = this.#deps.clock.now();
    const about = { period, alerts, messageId, outcome, reply, attempts, at } as const;
    await this.#deps.record({ ...about, recipients: [...reached], presumed: [...presumed], failed: [...failed] });
  }

  #pause(task: Task, why: Record<string, unknown>, line: string, leastMs = 0): void {
    const { clock, random, log } = this.#deps;
    const delay = Math.max(leastMs, backoffMs(++task.failures, RETRY_INITIAL_MS, RETRY_MAX_MS, random));
    task.notBefore = clock.elapsed() + delay;
    log.warn({ day: task.period.day, ...why, retryInMs: Math.round(delay) }, line);
  }

  #done({ period }: Task): void {
    this.#doneDay = period.day;
    this.#task = undefined;
  }
}

const newTask = (period: ReportPeriod): Task => ({
  period,
  mail: undefined,
  alerts: 0,
  pending: [],
  reached: [],
  presumed: [],
  ambiguities: new Ambiguities(),
  failed: [],
  attempts: 0,
  failures: 0,
  notBefore: 0,
});

const TICK_MS = 1_000;
const SETTLE_MS = 5_000;
const RETRY_INITIAL_MS = 5_000;
const RETRY_MAX_MS = 600_000;
const AMBIGUOUS_UNIT_MS = 60_000;
