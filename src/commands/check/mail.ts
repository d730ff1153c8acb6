/** The mail server, and one real mail. */

import { createConfiguredMailer, serverAddressOf } from "../../app/mailer.js";
import { createConfiguredRenderer } from "../../app/renderer.js";
import type { Config } from "../../config.js";
import { type EventTime, eventTime } from "../../core/time.js";
import type { Digest, Mailer } from "../../runtime/ports.js";
import { sayTrouble, troubleOf } from "../../runtime/server-trouble.js";
import { type Finding, fine, wrong } from "./findings.js";

export const checkMail = async (
  config: Config,
  mailTo: string | undefined,
  tell: (finding: Finding) => void,
): Promise<void> => {
  const mailer = createConfiguredMailer(config);
  try {
    if (await canBeUsed(mailer, config, tell)) {
      if (mailTo !== undefined) tell(await sendOne(mailer, config, mailTo));
    }
  } finally {
    await mailer.close();
  }
};

const SERVER = "mail server";

const canBeUsed = async (
  mailer: Mailer,
  { smtp, mail }: Config,
  tell: (finding: Finding) => void,
): Promise<boolean> => {
  const address = serverAddressOf(smtp);
  const outcome = await mailer.probe();
  if (outcome.kind === "unreachable") {
    const { failure } = outcome;
    const { what, advice } = sayTrouble(troubleOf(failure, address.login), address);
    const seen = failure.reply || failure.detail || "";
    tell(wrong(SERVER, seen === "" ? what : `${what} (${seen})`, advice));
    return false;
  }
  const hasLogin = address.login !== "none";
  const offered = outcome.loginOffered && !hasLogin ? "; it offers a login, and SMTP_URL has none" : "";
  const { maxBytes = Number.POSITIVE_INFINITY } = outcome;
  const small =
    maxBytes < mail.maxBytes
      ? `; it takes mails of ${maxBytes} bytes at most, and MAIL_MAX_SIZE is ${mail.maxBytes}: set that lower, or longer mails become dead letters`
      : "";
  tell(
    fine(SERVER, `${address.host}:${address.port} answers${hasLogin ? " and takes the login" : ""}${offered}${small}`),
  );
  return true;
};

const sendOne = async (mailer: Mailer, config: Config, mailTo: string): Promise<Finding> => {
  const subject = `mail to ${mailTo}`;
  const renderer = await createConfiguredRenderer({
    mail: config.mail,
    onTemplateFailure: () => undefined,
  });
  const now = eventTime(Date.now());
  const mail = renderer.render(testDigest(config, now), { look: {}, to: [mailTo], cc: [], bcc: [] });
  const outcome = await mailer.send(mail, [mailTo]);
  if (outcome.kind === "accepted" && outcome.refused.length + outcome.deferred.length === 0)
    return fine(subject, `the server took it: ${outcome.reply} ${mail.messageId}`);
  const failure = outcome.kind === "accepted" ? (outcome.refused[0] ?? outcome.deferred[0]) : outcome.failure;
  const kind = outcome.kind === "accepted" ? "refused" : outcome.kind;
  return wrong(
    subject,
    `${kind} at ${failure?.phase}, ${failure?.reason}: ${failure?.reply || failure?.detail || "no reply"}`,
    "what the server says tells why",
  );
};

/** A device that no fleet has. */
const testDigest = ({ kafka, window }: Config, now: EventTime): Digest => ({
  topic: kafka.alertsTopic,
  partition: 0,
  deviceId: "alert-digest check",
  deviceName: undefined,
  windowStart: now,
  windowEnd: eventTime(now + window.sizeMs),
  windowCount: 1,
  idOffset: 0,
  firstOffset: 0,
  lastOffset: 0,
  count: 1,
  listed: [
    {
      offset: 0,
      eventTime: now,
      late: false,
      alert: {
        deviceId: "alert-digest check",
        message: "A test mail, asked for by alert-digest check. No device has a problem.",
        deviceName: undefined,
        severity: "info",
        status: "firing",
        type: undefined,
        value: undefined,
        threshold: undefined,
        unit: undefined,
        occurredAt: undefined,
        alertId: undefined,
        labels: undefined,
      },
    },
  ],
  folded: undefined,
});
