/** A mailer and the server it sends to, for the tests beside this file. */

import type { TestContext } from "node:test";
import { createSmtpMailer } from "#src/mail/smtp-mailer.js";
import type { SmtpMailerOptions } from "#src/mail/smtp-options.js";
import type { RenderedMail, SendOutcome } from "#src/runtime/ports.js";
import { type SmtpAction, type SmtpServerOptions, startSmtpServer } from "#test/support/smtp-server.js";

export const ONE = ["kim@ops.test"];

export function mail(body = "hello"): RenderedMail {
  const raw = Buffer.from(`From: alerts@test\r\nTo: ops@test\r\nSubject: s\r\n\r\n${body}\r\n`);
  return { messageId: "<1@test>", subject: "s", from: "alerts@test", raw };
}

export async function setup(t: TestContext, server: SmtpServerOptions = {}, options: Partial<SmtpMailerOptions> = {}) {
  const smtp = await startSmtpServer(server);
  t.after(() => smtp.close());
  const url = new URL(smtp.url);
  const mailer = createSmtpMailer({
    host: url.hostname,
    port: smtp.port,
    secure: url.protocol === "smtps:",
    ...(url.username === "" ? {} : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }),
    tls: "opportunistic",
    connections: 2,
    timeoutMs: 60_000,
    replyTimeoutMs: options.timeoutMs ?? 60_000,
    idleMs: 60_000,
    mailsPerConnection: 100,
    ...options,
  });
  t.after(async () => {
    smtp.resume();
    await mailer.close();
  });
  return { smtp, mailer };
}

/** The parts that are decided by the phase. */
export function verdict(outcome: SendOutcome): string {
  if (outcome.kind === "accepted") return "accepted";
  const { phase, reason, code } = outcome.failure;
  return `${outcome.kind} ${phase} ${reason}${code === undefined ? "" : ` ${code}`}`;
}

/** Short ones first. */
const DEADLINES_MS = [200, 2_000, 20_000];

/**
 * Tries `attempt` with longer and longer deadlines until it ends as expected; resolves with how it ended last. On a busy machine a
 * short deadline is over before the step is reached that the test is about, and the verdict names an earlier one.
 */
export async function withDeadline(expected: string, attempt: (timeoutMs: number) => Promise<string>): Promise<string> {
  let last = "";
  for (const timeoutMs of DEADLINES_MS) {
    last = await attempt(timeoutMs);
    if (last === expected) break;
  }
  return last;
}

/** A hook that always does the same. */
export const always = (action: SmtpAction) => () => action;

/** Larger than the socket buffers of both sides together. */
export const HUGE = "x".repeat(70).concat("\r\n").repeat(400_000);
