import { type Clock, doubledMs } from "./clock.js";
import type { MailServer } from "./mail-server.js";
import type { ProbeOutcome } from "./ports.js";

/** Rarely enough for servers that count connections (Sendmail takes ten in ten minutes), often enough to know before a mail has to. */
export const PROBE_IDLE_MS = 240_000;
/** A server that is away is looked for sooner, at growing distances. */
const PROBE_AWAY_MIN_MS = 5_000;
export const PROBE_AWAY_MAX_MS = 60_000;
/** Asked again where the moment did not suit. */
const NOT_NOW_MS = 1_000;

/** What is known of the server: when it was last tried, and how that went. */
export interface Tried {
  /** `clock.elapsed()`; undefined: never. */
  readonly triedAt: number | undefined;
  /** In a row. */
  readonly failures: number;
  /** The login was refused: further ones may lock the account. */
  readonly loginRefused: boolean;
}

/** In how many milliseconds the server is to be tried without a mail; 0: now. */
export const probeInMs = ({ triedAt, failures, loginRefused }: Tried, elapsed: number): number => {
  if (triedAt === undefined) return 0;
  const distance =
    failures === 0 || loginRefused ? PROBE_IDLE_MS : doubledMs(failures, PROBE_AWAY_MIN_MS, PROBE_AWAY_MAX_MS);
  return Math.max(0, triedAt + distance - elapsed);
};

/** Tries the mail server at the start, and whenever no mail has for a while: a wrong password is known before the first alert. */
export class ServerProbe {
  readonly #server: MailServer;
  readonly #probe: () => Promise<ProbeOutcome | undefined>;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #closed = false;

  /** `probe`: undefined when the moment does not suit, for mails try the server themselves. */
  constructor(deps: {
    server: MailServer;
    probe: () => Promise<ProbeOutcome | undefined>;
    clock: Clock;
  }) {
    this.#server = deps.server;
    this.#probe = deps.probe;
    this.#clock = deps.clock;
  }

  start(): void {
    this.#schedule(0);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #schedule(atLeastMs: number): void {
    if (this.#closed) return;
    const { state, triedAt, failures } = this.#server;
    const loginRefused = state?.failure?.reason === "auth";
    const inMs = probeInMs({ triedAt, failures, loginRefused }, this.#clock.elapsed());
    this.#cancel = this.#clock.after(Math.max(atLeastMs, inMs), () => void this.#run());
  }

  async #run(): Promise<void> {
    const { state, triedAt, failures } = this.#server;
    const loginRefused = state?.failure?.reason === "auth";
    // A mail may have tried it meanwhile.
    if (probeInMs({ triedAt, failures, loginRefused }, this.#clock.elapsed()) > 0) return this.#schedule(0);
    const outcome = await this.#probe();
    this.#schedule(outcome === undefined ? NOT_NOW_MS : 0);
  }
}
