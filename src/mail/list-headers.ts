/** Which list a mail is of, and how to leave it. */

import { RECIPIENT_PLACE } from "../runtime/ports.js";

export interface ListOptions {
  /** `MAIL_LIST_ID`, without angle brackets; absent: `alert-digest.<domain of from>`. */
  readonly listId?: string | undefined;
  /** `MAIL_UNSUBSCRIBE_URL`: https, http or mailto. `{recipient}` in it stands for the address of a mail to one person. */
  readonly unsubscribeUrl?: string | undefined;
}

/**
 * RFC 2919 and 2369. One click (RFC 8058) needs https and a URL that says who leaves, for the POST says nothing else: so a mail to one person has it, where the
 * URL names that person. A mail to several cannot name one of them. `domain`: the sender's, see `idDomain`. `recipients`: all of the mail.
 */
export function listHeaders(
  { listId, unsubscribeUrl: url }: ListOptions,
  domain: string,
  recipients: readonly string[],
): readonly string[] {
  const list = `List-Id: <${listId ?? `alert-digest.${domain}`}>`;
  if (url === undefined) return [list];
  if (!url.includes(RECIPIENT_PLACE)) return [list, `List-Unsubscribe: <${url}>`];
  const [recipient, ...others] = recipients;
  if (recipient === undefined || others.length > 0) return [list];
  const own = url.replaceAll(RECIPIENT_PLACE, encodeURIComponent(recipient));
  const oneClick = /^https:/i.test(url) ? ["List-Unsubscribe-Post: List-Unsubscribe=One-Click"] : [];
  return [list, `List-Unsubscribe: <${own}>`, ...oneClick];
}
