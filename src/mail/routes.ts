/** Who is told about a digest. */

import type { Router } from "../runtime/ports.js";
import { parseMailbox } from "./mailbox.js";

/** Everybody in `addresses` (`MAIL_TO`) gets every digest. Display names are dropped, repeats too. */
export function createRouter(addresses: readonly string[]): Router {
  const to = [...new Set(addresses.map((text) => parseMailbox(text).address).filter((address) => address !== ""))];
  const everybody = to.length === 0 ? [] : [{ look: {}, to, cc: [], bcc: [] }];
  return { route: () => everybody };
}
