import { digestsOf, type MailContent } from "../runtime/ports.js";

/**
 * When the mail says it was written (RFC 5322 section 3.6.1), in milliseconds: the window's end, the same every time. An early mail's window ends in the
 * future, which mail programs sort first and spam filters dislike: it was written with the latest alert it lists.
 */
export const dateOf = (content: MailContent): number => {
  const digests = digestsOf(content);
  if (!digests.every(({ part }) => part === "early")) return content.windowEnd;
  return digests
    .flatMap(({ listed }) => listed.map(({ eventTime }) => eventTime as number))
    .reduce((latest, time) => Math.max(latest, time), content.windowStart);
};
