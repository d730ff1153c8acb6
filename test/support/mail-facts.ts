import { decodeWords } from "postal-mime";
import type { StoredMail } from "./real-mail-server.js";
import type { ReceivedMessage } from "./smtp-server.js";

/** What one received digest says, read from its headers and its text. */
export interface MailFacts {
  readonly device: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** Ordinals of the test's alerts (`#17#` in their messages), as listed. */
  readonly alerts: readonly number[];
  /** Those of them that are marked late. */
  readonly late: readonly number[];
  readonly subject: string;
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly html: string;
  readonly acceptedAtMs: number;
}

const ENTRY = /^\d+\. (.*)\n {3}(.*)$/gm;
const LATE = /\((?:.*, )?(?:late|지연 도착)\)$/;

type ReadableMessage = Pick<ReceivedMessage, "raw" | "to" | "acceptedAtMs" | "parsed" | "header">;

/** Fails for a mail without the headers of the contract. */
export async function mailFacts(message: ReadableMessage): Promise<MailFacts> {
  const header = async (name: string): Promise<string> => {
    const value = await message.header(name);
    if (value === undefined)
      throw new Error(`a mail without ${name}:\n${message.raw.toString("utf8").slice(0, 2_000)}`);
    return value;
  };
  const parsed = await message.parsed();
  const text = (parsed.text ?? "").replaceAll("\r\n", "\n");
  const [start = "", end = ""] = (await header("X-Alert-Digest-Window")).split("/");
  const source = /^(.*)\/(\d+)\/(\d+)-(\d+)$/.exec(await header("X-Alert-Digest-Source"));
  if (source === null) throw new Error(`a source that is none: ${await header("X-Alert-Digest-Source")}`);
  const alerts: number[] = [];
  const late: number[] = [];
  for (const [, head = "", body = ""] of text.matchAll(ENTRY)) {
    const ordinal = Number(/#(\d+)#/.exec(body)?.[1]);
    if (Number.isNaN(ordinal)) continue;
    alerts.push(ordinal);
    if (LATE.test(head)) late.push(ordinal);
  }
  return {
    device: await header("X-Alert-Digest-Device"),
    count: Number(await header("X-Alert-Digest-Count")),
    windowStart: Date.parse(start),
    windowEnd: Date.parse(end),
    topic: source[1] ?? "",
    partition: Number(source[2]),
    firstOffset: Number(source[3]),
    lastOffset: Number(source[4]),
    alerts,
    late,
    subject: await header("Subject"),
    messageId: await header("Message-ID"),
    inReplyTo: await header("In-Reply-To"),
    to: message.to,
    text,
    html: parsed.html ?? "",
    acceptedAtMs: message.acceptedAtMs,
  };
}

/** The same of a mail that lies in a mailbox. */
export const storedMailFacts = (mail: StoredMail): Promise<MailFacts> =>
  mailFacts({
    raw: mail.raw,
    to: [],
    acceptedAtMs: 0,
    parsed: async () => mail.email,
    header: async (name) => {
      const value = mail.header(name);
      return value === undefined ? undefined : decodeWords(value);
    },
  });
