/** Everything the page says, in each language. Parameters are already formatted; none of it is markup. */

import type { MailStep, ServerTrouble } from "../../status-shape.js";
import type { Language } from "./format.js";
import { TEXTS_EN } from "./texts-en.js";
import { TEXTS_KO } from "./texts-ko.js";
import type { Waits } from "./verdict.js";

/** Of the document's elements with `data-text`. */
export interface StaticTexts {
  readonly skip: string;
  readonly language: string;
  readonly pipelineTitle: string;
  readonly unread: string;
  readonly filling: string;
  readonly waiting: string;
  readonly mailed: string;
  readonly deadLettered: string;
  readonly instancesTitle: string;
  readonly unownedTitle: string;
  readonly windowsTitle: string;
  readonly windowsCaption: string;
  readonly mailsTitle: string;
  readonly mailsCaption: string;
  readonly deadLettersTitle: string;
  readonly deadLettersCaption: string;
  readonly device: string;
  readonly alerts: string;
  readonly timeLeft: string;
  readonly time: string;
  readonly outcome: string;
  readonly what: string;
  readonly reason: string;
  readonly letterPosition: string;
  readonly noWindows: string;
  readonly noMails: string;
  readonly noDeadLetters: string;
  readonly partition: string;
  readonly state: string;
  readonly oldest: string;
  readonly behind: string;
  readonly mailServer: string;
  readonly buffer: string;
  readonly metrics: string;
  readonly json: string;
}

/** `headline` is absent where "unreachable" says it; `at`: host and port. */
export interface ServerTroubleText {
  readonly headline?: (at: string) => string;
  readonly short: string;
  readonly advice: string;
}

/** Undefined: there is none, or one that only a later version knows. */
export const serverTroubleText = (texts: Texts, kind: string | undefined): ServerTroubleText | undefined =>
  kind !== undefined && Object.hasOwn(texts.serverTrouble, kind)
    ? texts.serverTrouble[kind as ServerTrouble]
    : undefined;

export interface Texts {
  readonly static: StaticTexts;

  readonly onTime: string;
  readonly onTimeHere: (partitions: string) => string;
  readonly allWell: (oldest: string, limit: string) => string;
  /** The same where nothing is unsent. */
  readonly idle: string;
  readonly connecting: string;
  readonly connectingDetail: string;
  readonly lost: (since: string) => string;
  readonly lostDetail: string;
  readonly live: (time: string) => string;

  readonly notAlive: (host: string) => string;
  readonly serverRefusesUs: string;
  readonly serverRefusesUsSince: (since: string) => string;
  readonly serverRefusesUsDetail: (hosts: string, cause: string | null) => string;
  readonly circuitOpen: string;
  readonly circuitOpenSince: (since: string) => string;
  readonly circuitDetail: (hosts: string, cause: string | null) => string;
  readonly serverTrouble: Readonly<Record<ServerTrouble, ServerTroubleText>>;
  readonly unowned: (partitions: string, many: boolean) => string;
  readonly unownedDetail: string;
  readonly outOfGroup: (host: string) => string;
  readonly outOfGroupDetail: (age: string) => string;
  /** A quota of the brokers holds it back. */
  readonly throttled: (host: string) => string;
  readonly throttledDetail: (duration: string) => string;
  readonly kafkaSilent: (host: string) => string;
  readonly kafkaSilentDetail: (age: string) => string;
  readonly openTransaction: (partitions: string, many: boolean) => string;
  readonly openTransactionDetail: (records: string, age: string, one: boolean) => string;
  readonly late: (limit: string) => string;
  readonly lateDetail: (age: string, partition: string, host: string) => string;
  readonly waits: Readonly<Record<Waits, string>>;
  readonly notHeard: (hosts: string) => string;
  readonly notHeardDetail: (age: string) => string;
  /** `since`: null for the whole last hour. */
  readonly deadLetters: (count: string, atLeast: boolean, one: boolean, since: string | null) => string;
  readonly deadLettersDetail: string;
  readonly recipientsAway: (waiting: string, one: boolean) => string;
  readonly recipientsAwayDetail: (hosts: string) => string;
  readonly recipientsCached: string;
  readonly recipientsCachedDetail: (hosts: string) => string;
  /** `recipient`: null where addresses are not shown. */
  readonly recipientWaits: (recipient: string | null, since: string) => string;
  /** `others`: so many more wait; null: none. */
  readonly recipientWaitsDetail: (mails: string, one: boolean, reply: string, others: string | null) => string;
  readonly routesStale: string;
  readonly routesStaleDetail: (hosts: string) => string;
  readonly notReady: (host: string) => string;
  readonly sharingFailed: string;
  readonly sharingFailedDetail: string;
  readonly sharingNote: Readonly<Record<"off" | "starting" | "on" | "failed", string>>;

  readonly records: (count: string) => string;
  readonly oldestUnsettled: (age: string) => string;
  readonly inMemory: (alerts: string) => string;
  readonly waitingFor: (age: string) => string;
  /** Instead of `oldestUnsettled`. */
  readonly nothingUnsent: string;
  readonly nothingWaits: string;
  /** Windows kept back because they tell nothing new. */
  readonly held: (windows: string) => string;
  /** Words for codes and states of closed sets that are English; what has none is shown as it is. */
  readonly words: Readonly<Record<string, string>>;
  /** `muted`: by a route, beside them; null: none. */
  readonly ofAlerts: (alerts: string, muted: string | null) => string;
  /** Nobody is mailed of them. `routes`: some `mutedBy`, joined; `more`: so many other routes; null: none. */
  readonly mutes: (routes: string, more: string | null) => string;
  /** `name`: null where the route has none. `reported`: the daily report tells of them. `last`: when the last one was read. */
  readonly mutedBy: (route: string, name: string | null, alerts: string, reported: boolean, last: string) => string;
  /** A link to the part of the page with that title. */
  readonly jump: (title: string) => string;
  /** `since`: null for the last hour. */
  readonly recently: (count: string, since: string | null) => string;
  readonly knownSince: (time: string) => string;
  /** `fields`: some `repaired`, joined. */
  readonly repairs: (fields: string) => string;
  readonly repaired: (field: string, count: string, one: boolean) => string;

  readonly group: (group: string, topic: string) => string;
  /** The group does not count it among its members. */
  readonly notMember: string;
  readonly serving: string;
  readonly heard: (age: string) => string;
  readonly gone: (age: string) => string;
  readonly running: (version: string, age: string) => string;
  readonly partitionsOf: (host: string) => string;
  readonly partitionCount: (own: string, all: string) => string;
  readonly noPartitions: string;
  readonly morePartitions: (count: string) => string;
  readonly partitionState: Readonly<Record<"current" | "late" | "loading", string>>;
  readonly paused: (reasons: string) => string;
  readonly pauseReason: Readonly<Record<string, string>>;
  readonly smtpReady: (busy: string, max: string) => string;
  readonly smtpRefusesUs: (since: string) => string;
  readonly smtpOpen: (since: string) => string;
  readonly smtpNotTried: string;
  readonly smtpReachableSince: (since: string) => string;
  readonly bufferUse: (alerts: string, alertsMax: string, bytes: string, bytesMax: string) => string;

  readonly windowsShown: (shown: string, all: string) => string;
  readonly partitionShort: (partition: string) => string;
  readonly critical: string;
  readonly left: (time: string) => string;
  readonly closing: string;
  readonly catchingUp: (age: string) => string;
  readonly outcome: Readonly<Record<MailStep, string>>;
  readonly latency: (time: string) => string;
  readonly attempt: (attempt: string) => string;
  readonly letter: (kind: string, partition: string, offset: string) => string;
  readonly unknownDevice: string;
  readonly zone: (name: string) => string;
}

export const TEXTS: Readonly<Record<Language, Texts>> = { en: TEXTS_EN, ko: TEXTS_KO };
