/** The bodies of a message of our own, read back from it: what is shown is what would be sent. */

import { decodeText } from "../../mail/mime.js";

export interface Bodies {
  readonly text: string;
  readonly html: string;
}

export const bodiesOf = (raw: Buffer): Bodies => {
  const message = raw.toString("latin1");
  return { text: body(message, "plain"), html: body(message, "html") };
};

/** The first part of that type; its headers may come in any order. */
const body = (message: string, type: string): string => {
  const part = new RegExp(`^content-type: text/${type}\\b`, "im").exec(message)?.index ?? -1;
  if (part < 0) return "";
  const start = message.lastIndexOf("\r\n--=_", part);
  const content = message.indexOf("\r\n\r\n", part) + 4;
  const end = message.indexOf("\r\n--=_", content);
  const headers = message.slice(Math.max(0, start), content);
  const encoding = /^content-transfer-encoding: *([\w-]+)/im.exec(headers)?.[1] ?? "7bit";
  return decodeText(encoding, message.slice(content, end < 0 ? undefined : end));
};
