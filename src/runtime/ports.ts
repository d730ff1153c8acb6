/**
 * What the runtime needs from the outside world. `kafka`, `mail` and `http` implement these; tests implement them too.
 * Outcomes are values: an exception that crosses a port is a bug or a lost connection, never an answer.
 */

import type { Alert, Severity, Status } from "../core/alert.js";
import type { ReportPeriod } from "../core/report-times.js";
import type { EventTime, WallTime } from "../core/time.js";
import type { LastWord } from "../core/window.js";

/** One alert as a mail lists it. */
export interface ListedAlert {
  readonly offset: number;
  readonly eventTime: EventTime;
  /** Its own window was closed when it came; it joined this one. */
  readonly late: boolean;
  readonly alert: Alert;
}

/** An alert read back from its topic. Its record does not tell whether it was late. */
export type ArchivedAlert = Omit<ListedAlert, "late">;

/** Alerts beyond `MAIL_MAX_ALERTS`: counted, not listed. */
export interface FoldedAlerts {
  readonly count: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Type → count, at most `MAX_FOLDED_TYPES` types; the rest is under `otherTypes`. Alerts without a type are under "". */
  readonly byType: ReadonlyMap<string, number>;
  readonly otherTypes: number;
  /** Those that said that something is over. */
  readonly resolved: number;
  /** What each type's folded alerts come to; all of them come after those listed. */
  readonly lastWords: ReadonlyMap<string, LastWord>;
  /** The types of `otherTypes` together, if one of them fired: not known to be over. */
  readonly othersFiring: { readonly since: number; readonly worst: Severity } | undefined;
  /** The latest time of them, in milliseconds. */
  readonly last: number;
}

/** Everything a mail says: one device's window, or several that waited and leave together (`CATCH_UP=merge`). */
export interface Digest {
  readonly topic: string;
  readonly partition: number;
  readonly deviceId: string;
  /** The last name the device gave itself in this window, if any. */
  readonly deviceName: string | undefined;
  /** Start of the first window and end (exclusive) of the last one. */
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
  readonly windowCount: number;
  /** First offset of the first window: with its start, it identifies the mail. More windows may join at a replay, also with lower offsets. */
  readonly idOffset: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** All alerts: listed and folded. */
  readonly count: number;
  /** In offset order, at most `MAIL_MAX_ALERTS`. */
  readonly listed: readonly ListedAlert[];
  readonly folded: FoldedAlerts | undefined;
  /**
   * Absent: whole windows. `early`: sent at once because its last alert is urgent (`URGENT_SEVERITY`), with what the device had told in this window
   * before; more of the window may follow. `rest`: what came after such a mail of the same window.
   */
  readonly part?: "early" | "rest";
  /** Of a `rest`: how many alerts of this window the early mail had; absent where a restart has forgotten it. */
  readonly toldEarly?: number;
  /** Its alerts go to other readers by another mail, too, and are counted there. */
  readonly again?: true;
}

/** `firing`: the last word on some type, in offset order, was that it fires. */
export const DIGEST_STATES = ["firing", "resolved"] as const;
export type DigestState = (typeof DIGEST_STATES)[number];

/** What a mail says first. Times are those at which the devices saw it, in milliseconds. */
export interface DigestSummary {
  /** All alerts, listed and folded. */
  readonly count: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Most first; alerts without a type are under "". */
  readonly byType: ReadonlyMap<string, number>;
  /** Alerts of types that were too many to be told apart. */
  readonly otherTypes: number;
  readonly worst: Severity;
  /** How bad it is at the end: the worst of what fires, where everything was resolved of all. */
  readonly severity: Severity;
  /** Of those listed; the window's bounds when none is. */
  readonly first: number;
  readonly last: number;
  /** When the last alert of all was seen; of those folded, the time of the record is known. */
  readonly until: number;
  /** Of those listed. */
  readonly late: number;
  /** Listed and folded. */
  readonly resolved: number;
  /** Of the listed firing alerts of the worst severity that have both, that whose value lies farthest from its threshold. */
  readonly extreme: Alert | undefined;
  /**
   * The alert that says best what is wrong: of the types whose last word was that they fire, the last one listed of the worst severity; where none
   * does, the last one listed. Where no listed alert tells of what fires, its message is the type.
   */
  readonly headline: Alert | undefined;
  /** Since when that is so: the first alert of its type, after the last time it was resolved; where nothing fires, the first of all. */
  readonly since: number;
  readonly state: DigestState;
  /** The state is `firing`. */
  readonly firing: boolean;
}

/** A finished message: composing it needs no connection and cannot fail any more. */
export interface RenderedMail {
  /** With angle brackets, as in the header. */
  readonly messageId: string;
  readonly subject: string;
  /** Envelope sender: bounces go there. */
  readonly from: string;
  /** The whole MIME message, CRLF line ends, not dot-stuffed. */
  readonly raw: Buffer;
}

export interface Mailbox {
  /** Display name, not yet encoded for a header. */
  readonly name: string | undefined;
  /** ASCII `local@domain`. */
  readonly address: string;
}

/** How a mail looks and what it says of its sender, where that differs from `MAIL_*`. */
export interface MailLook {
  readonly locale?: string;
  /** An IANA name that `Intl` knows. */
  readonly timezone?: string;
  readonly from?: Mailbox;
  readonly replyTo?: Mailbox;
}

/** Those who get one message. An address is in one of the three lists, once, as the server is given it. */
export interface Addressing {
  readonly look: MailLook;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
}

/** All who get it, however they are named. */
export const everyoneOf = ({ to, cc, bcc }: Addressing): readonly string[] => [...to, ...cc, ...bcc];

/** Several devices' windows in one mail, for a reader who would get too many, or who wants one. */
export interface FleetDigest {
  readonly topic: string;
  /** Of the earliest window, and of the latest. */
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
  /** The device with the most severe alerts first, then that with the most. */
  readonly devices: readonly FleetDevice[];
  /** All alerts. */
  readonly count: number;
  /** `storm`: the reader would have got more than `RECIPIENT_MAX_MAILS`; `asked`: `DIGEST_BY=recipient`. */
  readonly reason: "storm" | "asked";
}

/** A device in a fleet mail. Its digest lists few of its alerts, if any; the summary counts all. */
export interface FleetDevice {
  readonly digest: Digest;
  readonly summary: DigestSummary;
}

export type MailContent = Digest | FleetDigest;

export const digestsOf = (content: MailContent): readonly Digest[] =>
  "devices" in content ? content.devices.map(({ digest }) => digest) : [content];

/** What a mail carries beside what it says: the alerts of its whole window, for a file. */
export interface Attachment {
  /** In offset order. */
  readonly alerts: readonly (ListedAlert | ArchivedAlert)[];
  /** How many more the window has that could not be had, and how many that were too many to be read. */
  readonly unread: number;
  readonly beyond: number;
}

/** What became of an attachment: all alerts of the window are in the file; some had no room; some could not be had. */
export const ATTACHMENT_OUTCOMES = ["whole", "cut", "missing"] as const;
export type AttachmentOutcome = (typeof ATTACHMENT_OUTCOMES)[number];

/** Which alerts are to be read back from the alerts topic. */
export interface ArchiveRequest {
  readonly partition: number;
  /** Inclusive runs of offsets, ascending. */
  readonly runs: readonly (readonly [number, number])[];
  /** Records of other devices are none of them. */
  readonly deviceId: string;
  /** Their window's end: no event time is later. */
  readonly windowEnd: EventTime;
  /** Of their records' values, at most. */
  readonly maxBytes: number;
}

export interface ArchiveAnswer {
  /** In offset order. */
  readonly alerts: readonly ArchivedAlert[];
  /** Deleted meanwhile, or not had in time. */
  readonly missing: number;
  /** Not read: a limit of rows or bytes was reached. */
  readonly beyond: number;
}

export interface WindowArchive {
  /** Never rejects, and resolves within a few seconds whatever the broker does. */
  read(request: ArchiveRequest): Promise<ArchiveAnswer>;
}

/** A mail that is through: somebody has it, or it was given up. */
export interface SentMail {
  readonly content: MailContent;
  readonly messageId: string | undefined;
  /** Who has it. */
  readonly recipients: readonly string[];
  readonly failed: readonly RecipientFailure[];
  readonly outcome: "accepted" | "dead_lettered";
  /** What the server said last, or why it was given up. */
  readonly reply: string;
  readonly attempts: number;
  /** Of the last attempt; undefined when there was none. */
  readonly seconds: number | undefined;
  readonly at: WallTime;
}

export interface SentLog {
  /** Resolves within a bound, whatever becomes of the record; never rejects. */
  record(mail: SentMail): Promise<void>;
}

export interface MailRenderer {
  /** Throws only when the content cannot be rendered; that is a dead letter of stage `render`. */
  render(content: MailContent, addressing: Addressing, attachment?: Attachment): RenderedMail;
}

export interface Router {
  /**
   * Who is told about a digest: a message for each look, no address in two of them; empty when nobody is to be told. A promise where somebody has to be
   * asked; it waits as long as nobody answers, and rejects never. `digest` is composed only when something depends on it.
   */
  route(digest: () => Digest): readonly Addressing[] | Promise<readonly Addressing[]>;
}

export const RECIPIENT_KINDS = ["to", "cc", "bcc"] as const;
export type RecipientKind = (typeof RECIPIENT_KINDS)[number];

/** One who is told, as a source knows them. */
export interface Recipient {
  /** ASCII `local@domain`, as the server is given it. */
  readonly address: string;
  readonly kind: RecipientKind;
  /** Absent: `MAIL_LOCALE`, `MAIL_TIMEZONE`. A source names only locales and time zones that can be rendered. */
  readonly locale?: string;
  readonly timezone?: string;
}

/** Closed set: metric label `outcome`. `stale`: an answer that had expired, while nobody could be asked; `failed`: asked in vain, to be asked again. */
export const RECIPIENT_LOOKUP_OUTCOMES = ["cached", "asked", "stale", "failed"] as const;
export type RecipientLookupOutcome = (typeof RECIPIENT_LOOKUP_OUTCOMES)[number];

/** Closed set: metric label `reason`: what of a recipient in a source is wrong. */
export const RECIPIENT_FAULTS = ["address", "kind", "locale", "timezone"] as const;
export type RecipientFault = (typeof RECIPIENT_FAULTS)[number];

/** Those who are told about a device beside the ones of the routes. */
export interface RecipientSource {
  /** Empty: it knows nobody for this device. Waits as long as nobody answers; rejects never. */
  recipientsOf(digest: Digest): Promise<readonly Recipient[]>;
}

export const SMTP_PHASES = [
  "connect",
  "tls",
  "greeting",
  "login",
  "mail",
  "rcpt",
  "data",
  /** After the final dot, before its reply. */
  "sent",
] as const;
export type SmtpPhase = (typeof SMTP_PHASES)[number];

/** Closed set: metric label `reason` of retries, refusals and dead letters of stage `smtp`. */
export const SMTP_REASONS = [
  "connection-refused",
  "connection-lost",
  "dns",
  "timeout",
  "tls",
  "greeting",
  "auth",
  "sender-refused",
  "recipient-refused",
  "recipient-deferred",
  "message-refused",
  "message-deferred",
  "too-large",
  "service-unavailable",
  "protocol",
] as const;
export type SmtpReason = (typeof SMTP_REASONS)[number];

/** What went wrong, for people and for the dead letter; `reason` is the only part that may become a label. */
export interface SmtpFailure {
  readonly phase: SmtpPhase;
  readonly reason: SmtpReason;
  /** The server's reply, one line, at most 500 characters; empty when there was none. */
  readonly reply: string;
  /** The reply code, when there was a reply. */
  readonly code: number | undefined;
  /** What was seen instead of a reply (`connect ECONNREFUSED …`, `self-signed certificate`), one line; never a secret. */
  readonly detail?: string | undefined;
}

export interface RecipientFailure extends SmtpFailure {
  readonly address: string;
}

/** What one attempt ended in. See README, "What a send can end in". */
export type SendOutcome =
  | {
      /** The server took the message for at least one recipient; the others are listed. */
      readonly kind: "accepted";
      readonly reply: string;
      readonly refused: readonly RecipientFailure[];
      readonly deferred: readonly RecipientFailure[];
    }
  /** For good, for every recipient. `recipients` says which for which reason where the server said so per recipient. */
  | { readonly kind: "refused"; readonly failure: SmtpFailure; readonly recipients: readonly RecipientFailure[] }
  /** Nobody has the mail; worth another attempt for the recipients in `deferred` (all but `refused`). */
  | {
      readonly kind: "deferred";
      readonly failure: SmtpFailure;
      readonly refused: readonly RecipientFailure[];
    }
  /** The server could not be talked to: no mail's fault. */
  | { readonly kind: "unreachable"; readonly failure: SmtpFailure }
  /** The body had gone out, the final reply never came: the server may have it. `refused` at RCPT before that. */
  | { readonly kind: "ambiguous"; readonly failure: SmtpFailure; readonly refused: readonly RecipientFailure[] };

export type SendOutcomeKind = SendOutcome["kind"];

export interface SmtpConnections {
  readonly busy: number;
  readonly idle: number;
}

export interface Mailer {
  /** One attempt under its own deadline (`SMTP_TIMEOUT`). Never throws, never retries. At most `SMTP_CONNECTIONS` at once. */
  send(mail: RenderedMail, recipients: readonly string[]): Promise<SendOutcome>;
  connections(): SmtpConnections;
  /** Closes idle connections at once and the others when their attempt ends. */
  close(): Promise<void>;
}

/** A window whose mail cannot be delivered, as the dead letter tells it. */
export interface WindowDeadLetter {
  readonly kind: "window";
  readonly stage: "route" | "render" | "smtp";
  readonly reason: string;
  readonly detail: string;
  readonly digest: Digest;
  /** Every offset of the window, as inclusive runs, ascending. */
  readonly offsetRuns: readonly (readonly [number, number])[];
  readonly attempts: number;
  readonly messageId: string | undefined;
  /** Recipients that failed; empty for stages before `smtp`. */
  readonly recipients: readonly RecipientFailure[];
  readonly failure: SmtpFailure | undefined;
  /** The highest of its alerts'; absent: 0. */
  readonly redrives?: number;
}

/** A daily report that is through, as it is put on record. */
export interface SentReport {
  readonly period: ReportPeriod;
  /** Alerts it tells of. */
  readonly alerts: number;
  readonly messageId: string;
  readonly recipients: readonly string[];
  readonly failed: readonly RecipientFailure[];
  readonly outcome: "accepted" | "dead_lettered";
  readonly reply: string;
  readonly attempts: number;
  readonly at: WallTime;
}

/** What became of a record of a sent mail. */
export const SENT_RECORD_OUTCOMES = ["written", "failed", "dropped"] as const;
export type SentRecordOutcome = (typeof SENT_RECORD_OUTCOMES)[number];

export const REPORT_OUTCOMES = ["sent", "failed"] as const;
export type ReportOutcome = (typeof REPORT_OUTCOMES)[number];

/** A record that cannot be read. `value` and `key` are its bytes, untouched. */
export interface RecordDeadLetter {
  readonly kind: "record";
  readonly stage: "decode";
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** As the record had it; absent: 0. */
  readonly redrives?: number;
}

export interface DeadLetterSink {
  /** Resolves once the dead-letter topic has it on all replicas; rejects when one attempt failed (the caller retries). */
  write(letter: WindowDeadLetter | RecordDeadLetter): Promise<void>;
}

export const ALERT_OUTCOMES = ["windowed", "late", "replayed", "invalid", "tombstone"] as const;
export type AlertOutcome = (typeof ALERT_OUTCOMES)[number];

export const CLOSE_REASONS = ["stream_time", "wall_clock"] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

export const COMMIT_OUTCOMES = ["committed", "rejected", "failed"] as const;
export type CommitOutcome = (typeof COMMIT_OUTCOMES)[number];
/** `too-large`: the broker takes no metadata as long as the longest of the request; it may have committed the other partitions. */
export type CommitAnswer = CommitOutcome | "too-large";

export const PAUSE_REASONS = ["buffer", "checkpoint", "smtp"] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Why a record cannot be read (dead letters of stage `decode`). */
export const DECODE_REASONS = ["too-large", "not-utf8", "not-json", "not-an-alert", "key-mismatch"] as const;
export type DecodeReason = (typeof DECODE_REASONS)[number];

/** Every pair of stage and reason a dead letter can have. */
export const DEAD_LETTER_REASONS = {
  decode: DECODE_REASONS,
  route: ["no-recipient"],
  render: ["render-failed"],
  smtp: SMTP_REASONS,
} as const;
export type DeadLetterStage = keyof typeof DEAD_LETTER_REASONS;

/** What became of a changed `ROUTES_FILE`; after `failed` the routes from before stay in force. */
export const ROUTES_RELOADS = ["reloaded", "failed"] as const;
export type RoutesReload = (typeof ROUTES_RELOADS)[number];

/** What of a mail can come from a template of the user's; metric label `stage`. */
export const TEMPLATE_PARTS = ["subject", "text", "html"] as const;
export type TemplatePart = (typeof TEMPLATE_PARTS)[number];

/** One method per event that is counted or timed. Durations in seconds. */
export interface Metrics {
  recordsConsumed(partition: number, count: number): void;
  alerts(outcome: AlertOutcome, count: number): void;
  recordWithoutKey(): void;
  windowClosed(reason: CloseReason, delaySeconds: number, alerts: number): void;
  /** One attempt, whatever it ended in. */
  sendAttempt(outcome: SendOutcomeKind, seconds: number): void;
  mailSettled(outcome: "accepted" | "dead_lettered"): void;
  /** So many devices' mails became one for some reader. */
  mailsFolded(mails: number): void;
  /** Window end → accepted, once per window of an accepted mail. */
  windowMailed(seconds: number): void;
  /** An early mail was accepted. Its part of the window is counted neither as closed nor as mailed: that is for what comes at the window's end. */
  urgentMailed(): void;
  /** Event time → accepted, once per listed alert of an accepted mail. */
  alertMailed(seconds: number): void;
  mailRetried(reason: SmtpReason): void;
  /** A template failed on a mail: that part of it is the built-in one. */
  templateFailed(part: TemplatePart): void;
  recipientRefused(reason: SmtpReason): void;
  /** Once for each message with an attachment that is rendered. */
  attachment(outcome: AttachmentOutcome): void;
  recipientLookup(outcome: RecipientLookupOutcome, count: number): void;
  recipientFault(fault: RecipientFault): void;
  deadLetter(stage: DeadLetterStage, reason: string): void;
  commit(outcome: CommitOutcome, seconds: number): void;
  rebalance(): void;
  checkpointOverflow(): void;
  sentRecords(outcome: SentRecordOutcome, count: number): void;
  report(outcome: ReportOutcome): void;
  /** `ROUTES_FILE` changed. */
  routesReloaded(outcome: RoutesReload): void;
}

/** What gauges show of one partition, assigned or held. Undefined: not known yet, so no series rather than a wrong 0. */
export interface PartitionState {
  readonly partition: number;
  readonly endOffset: number | undefined;
  /** The committed offset; the start of the log while nothing is committed. */
  readonly committedOffset: number | undefined;
  /** Next offset to read. */
  readonly position: number | undefined;
  readonly oldestUnsettledEventTime: EventTime | undefined;
  readonly checkpointBytes: number;
  readonly paused: readonly PauseReason[];
  /** The membership is lost, the broker away perhaps: what was last known, and still held. Not assigned. */
  readonly lastKnown?: true;
}

/** What gauges, health and the status page read, taken at the moment they ask; no I/O. */
export interface RuntimeState {
  readonly partitionCount: number;
  readonly partitions: readonly PartitionState[];
  readonly windowsOpen: number;
  readonly windowsPending: number;
  readonly bufferedAlerts: number;
  readonly bufferedBytes: number;
  /** End of the oldest window that is closed and not settled. */
  readonly oldestPendingWindowEnd: EventTime | undefined;
  readonly smtp: SmtpConnections & { readonly max: number; readonly circuitOpen: boolean };
  /** Mails that wait for an answer to who is told; absent: none. */
  readonly waitingForRecipients?: number;
  /** Absent: there is none. */
  readonly recipientsDatabaseUp?: boolean;
  readonly lastPollAtMs: number | undefined;
  readonly lastCommitAtMs: number | undefined;
}

/** What the last attempt of a mail ended in, or `dead_lettered` once its dead letter is acknowledged. */
export const MAIL_STEPS = ["accepted", "dead_lettered", "deferred", "refused", "unreachable", "ambiguous"] as const;
export type MailStep = (typeof MAIL_STEPS)[number];

/** One mail of the last ones, as of its last attempt. Texts are cut: see `runtime/activity.ts`. */
export interface RecentMail {
  readonly at: WallTime;
  readonly deviceId: string;
  readonly deviceName: string | undefined;
  readonly partition: number;
  readonly alerts: number;
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
  readonly outcome: MailStep;
  readonly attempts: number;
  /** Of the last attempt, in seconds; undefined when there was none. */
  readonly seconds: number | undefined;
  readonly reason: string | undefined;
  readonly messageId: string | undefined;
}

export interface RecentDeadLetter {
  readonly at: WallTime;
  readonly kind: "record" | "window";
  readonly stage: DeadLetterStage;
  readonly reason: string;
  readonly deviceId: string | undefined;
  readonly partition: number;
  readonly offset: number;
  readonly detail: string;
}

/** An open window. */
export interface FillingWindow {
  readonly deviceId: string;
  readonly deviceName: string | undefined;
  readonly partition: number;
  readonly alerts: number;
  /** Has a critical alert. */
  readonly critical: boolean;
  readonly windowStart: EventTime;
  readonly windowEnd: EventTime;
}

/** What the page shows beside the gauges: lists of bounded length, taken at the moment it asks; no I/O. */
export interface LiveState {
  /** Those with the most alerts, most first. */
  readonly windows: readonly FillingWindow[];
  /** Newest first. */
  readonly mails: readonly RecentMail[];
  readonly deadLetters: readonly RecentDeadLetter[];
  /** Since the start. */
  readonly totals: {
    readonly mailsAccepted: number;
    readonly mailsDeadLettered: number;
    readonly alerts: number;
    readonly deadLetters: number;
  };
  readonly smtp: {
    readonly unreachableSince: WallTime | undefined;
    readonly lastFailure:
      | { readonly at: WallTime; readonly phase: SmtpPhase; readonly reason: SmtpReason; readonly reply: string }
      | undefined;
  };
}

/** Whether this instance and the others tell each other of themselves. */
export const SHARING_STATES = ["off", "starting", "on", "failed"] as const;
export type SharingState = (typeof SHARING_STATES)[number];

export interface Health {
  /** Undefined: alive. Else the reason, one line. */
  notAlive(): string | undefined;
  /** Undefined: ready. Else the reason, one line. */
  notReady(): string | undefined;
}

/** One Kafka record. Its buffers belong to the fetch: copy what is kept. */
export interface SourceRecord {
  readonly offset: number;
  /** Negative when the record has none. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** How often it was written back from the dead letters; absent: 0. */
  readonly redrives?: number;
}

/** A decoded record: what the core, and whoever decides what is urgent, need of it, or why it cannot be read. */
export type Decoded =
  | {
      readonly ok: true;
      readonly deviceId: string;
      readonly severity: Severity;
      readonly status: Status;
      readonly type: string | undefined;
    }
  | { readonly ok: false; readonly reason: DecodeReason; readonly detail: string };

export interface AlertCodec {
  decode(key: Buffer | null, value: Buffer): Decoded;
  /** The whole alert, from bytes that `decode` took. */
  parse(value: Uint8Array): Alert;
}

/** What is committed of a partition, as read back from the group. */
export interface CommittedPartition {
  readonly partition: number;
  /** Undefined: nothing was ever committed. */
  readonly offset: number | undefined;
  readonly metadata: string | null;
  /** First offset the log still has, and the one after its last. */
  readonly logStart: number;
  readonly logEnd: number;
}

export interface CommitRequest {
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

/** The group membership and the partitions it gives, as the runtime drives them. Calls are synchronous and idempotent. */
export interface AlertSource {
  /** Next fetch of the partition starts here. Also makes batches that are under way stale. */
  seek(partition: number, offset: number): void;
  /** Exactly these partitions are not fetched. */
  setPaused(partitions: ReadonlySet<number>): void;
  /** The group confirmed the membership within half the session timeout: nobody else can have been given the partitions. */
  readonly hasLease: boolean;
  /** The client can commit only after a batch of this membership has come. */
  readonly canCommit: boolean;
  /** Fenced: `rejected` when the group gave the partitions to a newer generation, `failed` when it is worth trying again. */
  commit(requests: readonly CommitRequest[]): Promise<CommitAnswer>;
  /**
   * Committed offset and checkpoint, and the ends of the log. A partition whose ends cannot be had, for it has no leader, is left out. Rejects when
   * the broker does not answer.
   */
  committed(partitions: readonly number[]): Promise<readonly CommittedPartition[]>;
}

/** What the source tells the runtime. All synchronous: nothing here may wait, nothing may throw. */
export interface SourceListener {
  /** The group is being rebalanced: partitions may be lost, no new mail may start. */
  joining(): void;
  /**
   * A new generation. `sameMember`: the partitions held before and now were never given to anyone else. `alone`: the group has no other
   * member, so nobody is handing anything over.
   */
  joined(partitions: readonly number[], how: { readonly sameMember: boolean; readonly alone: boolean }): void;
  /** Partitions whose windows are in memory, also those of a membership that is gone: a join claims them, and no others. */
  held(): readonly number[];
  /** The membership is gone; a new one will follow with `joined`. */
  left(): void;
  /** Next offset expected, or undefined when the partition takes no records now. */
  position(partition: number): number | undefined;
  /** Records in offset order, and where the next fetch will start. */
  records(partition: number, records: readonly SourceRecord[], nextOffset: number): void;
  /** Everything written before `at` lies below the partition's end offset. */
  endOffsets(at: number, ends: ReadonlyMap<number, { readonly start: number; readonly end: number }>): void;
}
