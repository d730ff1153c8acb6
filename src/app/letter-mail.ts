import type { Config } from "../config.js";
import { createLetterNotice } from "../mail/letter-notice.js";
import type { Clock } from "../runtime/clock.js";
import { LetterMail } from "../runtime/letter-mail.js";
import type { Logger } from "../runtime/log.js";
import type { Mailer, Metrics } from "../runtime/ports.js";

/** Undefined: nobody is told of dead letters. */
export const createLetterMail = (
  { letters, mail, kafka }: Config,
  deps: {
    readonly mailer: Mailer;
    /** Of this process. */
    readonly instance: string;
    readonly metrics: Metrics;
    readonly clock: Clock;
    readonly log: Logger;
  },
): LetterMail | undefined => {
  if (letters === undefined) return undefined;
  const { instance, ...rest } = deps;
  const { render } = createLetterNotice({ ...mail, group: kafka.groupId, instance });
  return new LetterMail({ ...letters, render, ...rest, random: Math.random });
};
