import type { IHeaders, Kafka, Message, Producer } from "kafkajs";
import type { Clock } from "../runtime/clock.js";
import { severityOf } from "../runtime/letter-facts.js";
import type {
  DeadLetterSink,
  Digest,
  LetterPosition,
  RecordDeadLetter,
  RecordHeaders,
  UnlistedAlerts,
  WindowDeadLetter,
} from "../runtime/ports.js";
import { REDRIVES_HEADER, UNKEPT_HEADER } from "../runtime/record-headers.js";
import { kafkajs } from "./kafkajs.js";
import { isOfRedrive } from "./redrives.js";

/** Produces to the dead-letter topic with `acks=all`. Headers and document: docs/dead-letters.md. */
export class KafkaDeadLetters implements DeadLetterSink {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #clock: Clock;
  #connecting: Promise<void> | undefined;

  constructor(deps: { kafka: Kafka; topic: string; groupId: string; clock: Clock }) {
    this.#topic = deps.topic;
    this.#groupId = deps.groupId;
    this.#clock = deps.clock;
    this.#producer = deps.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      // Few: the queue above retries each letter by itself, for ever and visibly.
      retry: { initialRetryTime: 200, maxRetryTime: 1_000, retries: 2 },
    });
  }

  async write(letter: WindowDeadLetter | RecordDeadLetter): Promise<LetterPosition | undefined> {
    this.#connecting ??= this.#producer.connect().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    await this.#connecting;
    const failedAt = new Date(this.#clock.now()).toISOString();
    const message = letterMessage(letter, { group: this.#groupId, failedAt });
    const [written] = await this.#producer.send({
      topic: this.#topic,
      acks: -1,
      // A topic counts a batch as it is sent: what came compressed, and is over its limit when it is not, must go back as small as it came.
      compression: message.value.length > COMPRESS_ABOVE_BYTES ? CompressionTypes.GZIP : CompressionTypes.None,
      timeout: 10_000,
      messages: [message],
    });
    const { partition, baseOffset } = written ?? {};
    return partition === undefined || baseOffset === undefined ? undefined : { partition, offset: Number(baseOffset) };
  }

  async close(): Promise<void> {
    if (this.#connecting !== undefined) await this.#producer.disconnect();
  }
}

const { CompressionTypes } = kafkajs;
const HEADER_MAX_BYTES = 1024;
const COMPRESS_ABOVE_BYTES = 64 * 1024;
/** A document stays below the 1 MB that a topic takes by default; alerts that don't fit are told by their offsets. */
const DOCUMENT_MAX_BYTES = 900_000;

/** A letter as it is written. */
export const letterMessage = (
  letter: WindowDeadLetter | RecordDeadLetter,
  { group, failedAt }: { readonly group: string; readonly failedAt: string },
): Message & { readonly value: Buffer } => {
  const { key, value, headers } = letter.kind === "record" ? recordMessage(letter) : windowMessage(letter);
  const severity = severityOf(letter);
  const all = {
    ...headers,
    ...(severity !== undefined && { "dead-letter.severity": severity }),
    "dead-letter.group": group,
    "dead-letter.failed-at": failedAt,
  };
  const own = mapValues(all, (text) => Buffer.from(truncateUtf8(text, HEADER_MAX_BYTES)));
  return { key, value, headers: { ...(letter.kind === "record" && ofTheRecord(letter.headers)), ...own } };
};

/** Some formats need them to be read: CloudEvents, IDs of schemas. What a redrive or a dead letter said of it is said anew. */
const ofTheRecord = (headers: RecordHeaders = {}): IHeaders =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value == null || isOfRedrive(name) ? [] : [[name, value]])),
  );

const recordMessage = (letter: RecordDeadLetter) => ({
  key: letter.key,
  value: letter.value,
  headers: {
    ...commonHeaders(letter),
    "dead-letter.topic": letter.topic,
    "dead-letter.partition": String(letter.partition),
    "dead-letter.offset": String(letter.offset),
    "dead-letter.timestamp": String(letter.timestampMs),
    "dead-letter.attempts": "1",
    ...(letter.device !== undefined &&
      letter.device !== letter.key?.toString("utf8") && { "dead-letter.device": letter.device }),
    ...(letter.item !== undefined && { "dead-letter.item": letter.item }),
    ...(letter.isUnkept === true && Object.fromEntries([UNKEPT_HEADER])),
  },
});

const windowMessage = (letter: WindowDeadLetter) => ({
  key: Buffer.from(letter.digest.deviceId),
  value: Buffer.from(windowDocument(letter)),
  headers: {
    ...commonHeaders(letter),
    "dead-letter.topic": letter.digest.topic,
    "dead-letter.partition": String(letter.digest.partition),
    "dead-letter.offset": String(letter.digest.firstOffset),
    "dead-letter.timestamp": String(letter.digest.listed[0]?.eventTime ?? letter.digest.windowStart),
    "dead-letter.attempts": String(letter.attempts),
    "dead-letter.window": windowName(letter.digest),
    "dead-letter.recipients": letter.recipients.map(({ address }) => address).join(","),
    "dead-letter.message-id": letter.messageId ?? "",
    "dead-letter.smtp-phase": letter.failure?.phase ?? "",
    "dead-letter.smtp-reply": letter.failure?.reply ?? "",
  },
});

const commonHeaders = ({ kind, stage, reason, detail, redrives = 0 }: WindowDeadLetter | RecordDeadLetter) => ({
  "dead-letter.kind": kind,
  "dead-letter.stage": stage,
  "dead-letter.reason": reason,
  "dead-letter.detail": detail,
  ...(redrives > 0 && { [REDRIVES_HEADER]: String(redrives) }),
});

const windowDocument = (letter: WindowDeadLetter): string => {
  const { digest } = letter;
  const alerts = digest.listed.map(({ offset, eventTime, late, alert }) => ({
    offset,
    timestamp: eventTime,
    late,
    ...alert,
  }));
  const document = (listed: typeof alerts): string =>
    JSON.stringify({
      deviceId: digest.deviceId,
      deviceName: digest.deviceName,
      topic: digest.topic,
      partition: digest.partition,
      window: { start: new Date(digest.windowStart).toISOString(), end: new Date(digest.windowEnd).toISOString() },
      /** Every offset of the window, inclusive runs: what is not in `alerts` can be read there. */
      offsets: letter.offsetRuns,
      count: digest.count,
      alerts: listed,
      notListed: digest.count - listed.length,
      folded: digest.folded && foldedDocument(digest.folded, digest),
      messageId: letter.messageId,
      onlyTo: digest.onlyTo,
      recipients: letter.recipients.map(({ address, phase, reason, code, reply }) => ({
        address,
        phase,
        reason,
        code,
        reply,
      })),
    });
  let listed = alerts;
  let text = document(listed);
  while (Buffer.byteLength(text) > DOCUMENT_MAX_BYTES && listed.length > 0) {
    listed = listed.slice(0, Math.floor(listed.length / 2));
    text = document(listed);
  }
  return text;
};

const foldedDocument = ({ count, bySeverity, byType, otherTypes, resolved }: UnlistedAlerts, { all }: Digest) => ({
  count,
  bySeverity,
  byType: Object.fromEntries([...byType].map(([type, { count }]) => [type, count])),
  otherTypes,
  resolved,
  /** Types whose last word was that they fire. */
  firing: [...byType.keys()].filter((type) => all?.byType.get(type)?.since !== undefined),
});

const windowName = ({ windowStart, windowEnd }: Digest): string =>
  `${new Date(windowStart).toISOString()}/${new Date(windowEnd).toISOString()}`;

const mapValues = <T, U>(object: Record<string, T>, map: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));

/** At most `maxBytes` bytes of UTF-8, cut between characters. */
const truncateUtf8 = (text: string, maxBytes: number): string => {
  const bytes = Buffer.from(text.toWellFormed());
  if (bytes.length <= maxBytes) return bytes.toString();
  let end = maxBytes - 3;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return `${bytes.subarray(0, end).toString()}…`;
};
