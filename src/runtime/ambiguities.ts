import type { SmtpFailure } from "./ports.js";

/** The end of the message had gone out, and no reply said what became of it: the recipient may have the mail. */
export const isAmbiguous = ({ phase, reply, reason }: SmtpFailure): boolean =>
  phase === "sent" && (reply === "" || reason === "protocol");

/**
 * How often each recipient of a mail was left without an answer after the end of the message. A server that takes so long is not asked again within
 * seconds: each time may be a copy more. After the third time the mail is presumed to have come.
 */
export class Ambiguities {
  readonly #times = new Map<string, number>();

  /** Once more. Gives those who are presumed to have it. */
  note(addresses: readonly string[]): readonly string[] {
    for (const address of addresses) this.#times.set(address, this.timesOf(address) + 1);
    return addresses.filter((address) => this.timesOf(address) >= TIMES_MAX);
  }

  timesOf(address: string): number {
    return this.#times.get(address) ?? 0;
  }
}

/** Until the next attempt after so many ambiguous ones: minutes, with the default of `SMTP_RETRY_MAX`. */
export const ambiguousPauseMs = (times: number, retryMaxMs: number): number => times * retryMaxMs * PAUSES;

const TIMES_MAX = 3;
const PAUSES = 3;
