/** Sends digests as fast as it can and reports how long it took from the first to the last accepted one. */

import nodemailer, { type SendMailOptions } from "nodemailer";
import { type EventTime, wallTime } from "#src/core/time.js";
import { deviceNameOf } from "#src/mail/clean.js";
import { composeDocument } from "#src/mail/compose-document.js";
import { messageIdsOf, sourceOf } from "#src/mail/headers.js";
import { htmlBody } from "#src/mail/html.js";
import { createLocalTime, createNumbers } from "#src/mail/language.js";
import { createSmtpMailer } from "#src/mail/smtp-mailer.js";
import { textBody } from "#src/mail/text-body.js";
import { textsOf } from "#src/mail/texts/index.js";
import { PartitionWorker } from "#src/runtime/partition-worker.js";
import type { Digest, Mailer, MailRenderer } from "#src/runtime/ports.js";
import { TEST_CERTIFICATE } from "../support/test-certificate.js";
import { createAlertSource } from "./alerts.js";
import { reportToParent } from "./child.js";
import type { MailBenchJob, MailBenchResult } from "./mail.js";
import { MAIL_FROM, MAIL_TO, nullMailer, productParts, TOPIC } from "./product-parts.js";

const WINDOW_MS = 30_000;
/** What most servers and both contestants allow one connection. */
const MAILS_A_CONNECTION = 100;
/** Mails handed to the pool and not accepted yet: enough to keep it busy, not so many that its queue counts. */
const WAITING_MAX = 64;

await reportToParent(
  (job: MailBenchJob): Promise<MailBenchResult> =>
    job.contestant === "product" ? sendAsProduct(job) : sendThroughPool(job),
);

async function timed(send: () => Promise<void>): Promise<MailBenchResult> {
  const cpuAtStart = process.cpuUsage();
  const startedAt = performance.now();
  await send();
  const cpu = process.cpuUsage(cpuAtStart);
  return { seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (cpu.user + cpu.system) / 1_000_000 };
}

/** Windows closing all at once: read from the buffer, rendered, sent, settled, counted, logged. */
async function sendAsProduct(job: MailBenchJob): Promise<MailBenchResult> {
  const smtp = createSmtpMailer({
    host: "127.0.0.1",
    port: job.port,
    secure: job.tls ?? false,
    tls: job.tls ? "require" : "off",
    ca: TEST_CERTIFICATE.cert,
    connections: job.connections,
    timeoutMs: 60_000,
    replyTimeoutMs: 60_000,
    idleMs: 60_000,
    mailsPerConnection: job.mailsPerConnection ?? MAILS_A_CONNECTION,
  });
  const result = await timed(bufferWindows(job, smtp));
  await smtp.close();
  return result;
}

/** The same mails, their texts ready before the clock starts, through nodemailer as its users use it. */
async function sendThroughPool(job: MailBenchJob): Promise<MailBenchResult> {
  const mails: SendMailOptions[] = [];
  const asNodemailer = createComposer();
  await bufferWindows(job, nullMailer, (digest) => mails.push(asNodemailer(digest)))();
  const pool = nodemailer.createTransport({
    host: "127.0.0.1",
    port: job.port,
    pool: true,
    secure: false,
    ignoreTLS: true,
    maxConnections: job.connections,
    maxMessages: MAILS_A_CONNECTION,
  });
  const result = await timed(async () => {
    let next = 0;
    const sendOn = async (): Promise<void> => {
      for (let mail = mails[next++]; mail !== undefined; mail = mails[next++]) await pool.sendMail(mail);
    };
    await Promise.all(Array.from({ length: WAITING_MAX }, sendOn));
  });
  pool.close();
  return result;
}

/** Buffers the alerts. What it returns closes every window and resolves when all of their mails are accepted. */
function bufferWindows(job: MailBenchJob, mailer: Mailer, seen?: (digest: Digest) => void): () => Promise<void> {
  let accepted = 0;
  let finish: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const counting: Mailer = {
    ...mailer,
    probe: () => mailer.probe(),
    connections: () => mailer.connections(),
    close: () => mailer.close(),
    async send(mail, recipients) {
      const outcome = await mailer.send(mail, recipients);
      if (outcome.kind !== "accepted") fail(new Error(`a mail was not accepted: ${JSON.stringify(outcome)}`));
      else if (++accepted === job.mails) finish();
      return outcome;
    },
  };
  const spy: MailRenderer | undefined = seen && {
    render(content) {
      seen(content as Digest);
      return { messageId: "", subject: "", from: "", raw: Buffer.alloc(0) };
    },
  };
  const { worker: deps } = productParts({
    topic: TOPIC,
    windowSizeMs: WINDOW_MS,
    connections: job.connections,
    mailer: counting,
    ...(spy && { renderer: spy }),
  });
  const start = { position: 0, time: undefined, marks: [], settled: [] };
  const worker = new PartitionWorker({ partition: 0, log: undefined }, start, undefined, deps);
  worker.setActive(true);
  const windowStart = Math.floor(Date.now() / WINDOW_MS - 2) * WINDOW_MS;
  const source = createAlertSource(windowStart);
  const count = job.mails * job.alertsAMail;
  const records = Array.from({ length: count }, (_, serial) => {
    const { deviceId, value } = source.alert(serial, serial % job.mails);
    return { offset: serial, timestampMs: windowStart + (serial % WINDOW_MS), key: Buffer.from(deviceId), value };
  });
  worker.take(records, count);
  return () => {
    worker.knownEnd(wallTime(Date.now()), count);
    return finished;
  };
}

/** Subject, both texts and the headers that the product writes. */
function createComposer(): (digest: Digest) => SendMailOptions {
  const texts = textsOf("ko");
  const context = { texts, localTime: createLocalTime("Asia/Seoul"), numbers: createNumbers(texts.lang) };
  const instant = (at: EventTime): string => new Date(at).toISOString();
  return (digest) => {
    const deviceName = deviceNameOf(digest);
    const subject = texts.subject(texts.tags.alert, deviceName, digest.count);
    const mail = composeDocument(digest, () => subject, context);
    const { messageId, threadId, threadIndex } = messageIdsOf(digest, { domain: "alert-digest.example" });
    return {
      from: MAIL_FROM,
      to: MAIL_TO,
      subject,
      date: new Date(digest.windowEnd),
      messageId,
      inReplyTo: threadId,
      references: threadId,
      text: textBody(mail, texts),
      html: htmlBody(mail, texts),
      headers: {
        "Thread-Topic": texts.constantSubject(texts.tags.alert, deviceName),
        "Thread-Index": threadIndex,
        "List-Id": "<alert-digest.alert-digest.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Alert-Digest-Device": digest.deviceId,
        "X-Alert-Digest-Window": `${instant(digest.windowStart)}/${instant(digest.windowEnd)}`,
        "X-Alert-Digest-Source": sourceOf(digest),
        "X-Alert-Digest-Count": String(digest.count),
        "X-Alert-Digest-Severity": mail.summary.severity,
        "X-Alert-Digest-State": mail.summary.state,
      },
    };
  };
}
