import assert from "node:assert/strict";
import { mailbox } from "#src/config/mailbox.js";
import type { Addressing, Mailbox } from "#src/runtime/ports.js";

/** One message to all of them, with nothing special about it. */
export const everybody = (...to: string[]): Addressing => ({ look: {}, to, cc: [], bcc: [] });

/** As `MAIL_FROM` is written. */
export const mailboxOf = (text: string): Mailbox => {
  const found = mailbox.parse(text);
  assert.ok(found.ok, text);
  return found.value;
};
