import type { SentRecord } from "../../kafka/sent-record-parser.js";
import type { SentCommand } from "./command.js";

/** A record, and where it is. */
export interface FoundMail {
  readonly partition: number;
  readonly offset: number;
  readonly record: SentRecord;
}

/** All but `limit`. */
export const matches = (record: SentRecord, command: SentCommand): boolean =>
  (command.device === undefined || (record.kind !== "report" && record.device === command.device)) &&
  (command.sinceMs === undefined || record.at >= command.sinceMs) &&
  (command.untilMs === undefined || record.at < command.untilMs) &&
  (command.messageId === undefined || messageIdsOf(record).includes(`<${command.messageId}>`)) &&
  (command.outcome === undefined || fits(record, command.outcome)) &&
  (command.recipient === undefined || isAbout(record, command.recipient.toLowerCase()));

/** One for each language, time zone and sender of its readers. */
export const messageIdsOf = ({ messageId, otherMessageIds = [] }: SentRecord): readonly string[] =>
  messageId === undefined ? otherMessageIds : [messageId, ...otherMessageIds];

const fits = (record: SentRecord, outcome: NonNullable<SentCommand["outcome"]>): boolean =>
  outcome === "partly" ? record.outcome === "accepted" && record.failed.length > 0 : record.outcome === outcome;

/** Servers may tell upper and lower case of the local part apart (RFC 5321 section 2.4); people who ask do not. */
const isAbout = ({ recipients, failed }: SentRecord, address: string): boolean =>
  recipients.some((one) => one.toLowerCase() === address) ||
  failed.some(({ recipient }) => recipient.toLowerCase() === address);

/** Keeps the newest `limit` of what it is given, in any order, and little more in memory. */
export class Newest {
  readonly #limit: number;
  #kept: FoundMail[] = [];
  #seen = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many there were in all. */
  get seen(): number {
    return this.#seen;
  }

  add(mail: FoundMail): void {
    this.#seen++;
    this.#kept.push(mail);
    if (this.#kept.length >= 2 * this.#limit + 1_000) this.#kept = this.#sorted();
  }

  /** The newest last. */
  get mails(): readonly FoundMail[] {
    return this.#sorted();
  }

  #sorted(): FoundMail[] {
    return this.#kept
      .sort((a, b) => a.record.at - b.record.at || a.partition - b.partition || a.offset - b.offset)
      .slice(-this.#limit);
  }
}
