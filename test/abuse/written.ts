/** What abusers wrote. */

import type { Sink } from "../chaos/sink.js";
import { CountedBooks } from "./counted.js";
import type { Abuse } from "./plan.js";
import { nameOf, ORDINARY } from "./world.js";

export class Written {
  readonly #alerts = new Map<Abuse, number>();
  tooLarge = 0;

  take(abuse: Abuse, alerts = 0, tooLarge = 0): void {
    this.#alerts.set(abuse, (this.#alerts.get(abuse) ?? 0) + alerts);
    this.tooLarge += tooLarge;
  }

  /** Each abuser's reader has its name. */
  books({ mails }: Pick<Sink, "mails">): CountedBooks {
    const books = new CountedBooks();
    for (const [abuse, alerts] of this.#alerts) books.wrote(abuse, alerts);
    for (const { to, messageId, count } of mails)
      if (nameOf(to[0]) !== ORDINARY) books.mailed(nameOf(to[0]), messageId, count);
    return books;
  }
}
