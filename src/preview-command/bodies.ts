/** The bodies of a message of our own, read back from it: what is shown is what would be sent. */

export interface Bodies {
  readonly text: string;
  readonly html: string;
}

export const bodiesOf = (raw: Buffer): Bodies => {
  const message = raw.toString("latin1");
  return { text: body(message, "plain"), html: body(message, "html") };
};

/** The first part of that type; its headers may come in any order, its content is base64 (RFC 2045 section 6.8). */
const body = (message: string, type: string): string => {
  const start = message.search(new RegExp(`^content-type: text/${type}\\b`, "im"));
  const content = message.indexOf("\r\n\r\n", start) + 4;
  const end = message.indexOf("\r\n--", content);
  return start < 0 ? "" : Buffer.from(message.slice(content, end < 0 ? undefined : end), "base64").toString("utf8");
};
