/** An SMTP server that accepts everything and keeps it in memory, newest last. */

import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { MAIL_TEXTS } from "#src/mail/texts/index.js";
import type { ReceivedMail } from "./books.js";

export interface InboxMail extends ReceivedMail {
  readonly id: number;
  /** The worst of its alerts, as its first line says it; undefined: it does not. */
  readonly severity: Severity | undefined;
  readonly receivedAtMs: number;
  readonly from: string;
  readonly to: readonly string[];
  readonly html: string;
  readonly headers: readonly (readonly [string, string])[];
}

export interface Inbox {
  readonly port: number;
  readonly mails: readonly InboxMail[];
  /** Mails that do not have the product's headers: one line each. */
  readonly strange: readonly string[];
  close(): Promise<void>;
}

/** From the worst on. */
const SEVERITIES = ["critical", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

const MAX_MAIL_BYTES = 32 * 1024 * 1024;

export async function startInbox(): Promise<Inbox> {
  const mails: InboxMail[] = [];
  const strange: string[] = [];
  const server = new SMTPServer({
    banner: "inbox of the demo",
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    closeTimeout: 500,
    size: MAX_MAIL_BYTES,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", done);
      stream.on("end", () => {
        const receivedAtMs = Date.now();
        PostalMime.parse(Buffer.concat(chunks)).then((email) => {
          const envelope = session.envelope;
          const to = envelope.rcptTo.map(({ address }) => address);
          const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
          const mail = readMail(email, { id: mails.length + 1, receivedAtMs, from, to });
          if (typeof mail === "string") strange.push(mail);
          else mails.push(mail);
          done();
        }, done);
      });
    },
  });
  // A client that goes away in the middle is its own business.
  server.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    strange,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A string says what the mail lacks. */
function readMail(email: Email, envelope: Pick<InboxMail, "id" | "receivedAtMs" | "from" | "to">): InboxMail | string {
  const headers = email.headers.map(({ originalKey, value }) => [originalKey, value] as const);
  const header = (name: string): string =>
    headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1].trim() ?? "";
  const source = /^(.+)\/(\d+)\/(\d+)-(\d+)$/.exec(header("X-Alert-Digest-Source"));
  const windowEndMs = Date.parse(header("X-Alert-Digest-Window").split("/")[1] ?? "");
  const count = Number(header("X-Alert-Digest-Count") || Number.NaN);
  const deviceId = header("X-Alert-Digest-Device");
  const subject = email.subject ?? "";
  if (!source || Number.isNaN(windowEndMs) || Number.isNaN(count) || deviceId === "") {
    return `mail ${JSON.stringify(subject)} has not all of the headers Device, Window, Source and Count`;
  }
  return {
    ...envelope,
    severity: severityOf(email.text ?? "", header("Content-Language")),
    subject,
    deviceId,
    partition: Number(source[2]),
    firstOffset: Number(source[3]),
    lastOffset: Number(source[4]),
    count,
    windowEndMs,
    text: email.text ?? "",
    html: email.html ?? "",
    headers,
  };
}

function severityOf(text: string, language: string): Severity | undefined {
  const words = MAIL_TEXTS.get(language)?.severity;
  const start = text.trimStart().toLowerCase();
  return SEVERITIES.find((severity) => words !== undefined && start.startsWith(words[severity].toLowerCase()));
}
