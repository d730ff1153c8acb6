/** Which list a mail is of, and how to leave it. */

export interface ListOptions {
  /** `MAIL_LIST_ID`, without angle brackets; absent: `alert-digest.<domain of from>`. */
  readonly listId?: string | undefined;
  /** `MAIL_UNSUBSCRIBE_URL`: https, http or mailto. */
  readonly unsubscribeUrl?: string | undefined;
}

/** RFC 2919; RFC 2369; RFC 8058, which asks for https. `domain`: the sender's, see `idDomain`. */
export function listHeaders({ listId, unsubscribeUrl: url }: ListOptions, domain: string): readonly string[] {
  const lines = [`List-Id: <${listId ?? `alert-digest.${domain}`}>`];
  if (url !== undefined) lines.push(`List-Unsubscribe: <${url}>`);
  if (url !== undefined && /^https:/i.test(url)) lines.push("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
  return lines;
}
