/** What is known of those who are waited for, and of their mails: plain data. */

import type { WallTime } from "../core/time.js";
import type { SmtpFailure } from "./ports.js";
import type { RecipientLanes } from "./recipient-lanes.js";

/** One recipient's share of a mail that others have, or may get before: it waits for this recipient alone. */
export interface Share {
  readonly address: string;
  /** The devices it tells of, each as its partition knows it. In each of these lanes the recipient gets one share after the other. */
  readonly lanes: readonly string[];
  /** Shares of one mail, also of different recipients, have the same. */
  readonly mail: object;
  /** Only those that have the same may become one mail. */
  readonly look: string;
  /** End of its window, of the last one of several. */
  readonly windowEnd: number;
}

/** Now. `elapsed` never goes back, and `worked` is the same without the time in which the server was unreachable: what budgets count. */
export interface Moment {
  readonly wall: WallTime;
  readonly elapsed: number;
  readonly worked: number;
}

/** What is known of a share. */
export interface State {
  /** Order of arrival. */
  readonly seq: number;
  /** `worked` at its first temporary refusal. */
  deferredAt: number | undefined;
  /** Of the message, not of the recipient. */
  deferrals: number;
  notBefore: number;
  triedAt: number;
  /** Since when it is deferred as a message, and what was said last. */
  held: { readonly since: WallTime; readonly failure: SmtpFailure } | undefined;
  /** What it left with when its outcome was ambiguous. */
  frozen: readonly Share[] | undefined;
}

/** A recipient that the server defers. */
export interface Deferring {
  readonly since: WallTime;
  deferrals: number;
  nextTryAt: number;
  lastDeferredAt: number;
  failure: SmtpFailure;
}

/** What waits for one recipient. */
export interface Known<S extends Share> {
  readonly lanes: RecipientLanes<S>;
  deferring: Deferring | undefined;
}
