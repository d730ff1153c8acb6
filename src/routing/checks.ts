/** What only others know: how addresses and zones are written, which languages there are. The configuration reads them the same way. */

import type { Mailbox, MailLink } from "../runtime/ports.js";

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export interface ValueCheck<T> {
  parse(text: string): Checked<T>;
}

export interface Checks {
  /** Those that a mail can be written in. */
  readonly locales: readonly string[];
  readonly mailbox: ValueCheck<Mailbox>;
  readonly timezone: ValueCheck<string>;
  readonly links: ValueCheck<readonly MailLink[]>;
  /** The known name that differs least. */
  nearest(name: string, known: readonly string[]): string;
  /** Why a file cannot be read, for people. */
  fileProblem(error: unknown): string;
}
