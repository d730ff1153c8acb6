import type { Alert } from "#src/core/alert.js";
import type { DatabaseAnswer, DatabaseFailure, LookupRequest } from "#src/postgres/lookup.js";
import { type LookupOptions, Lookups } from "#src/postgres/lookups.js";
import type { Recipient } from "#src/runtime/ports.js";
import { quietLog, recordingMetrics } from "#test/support/quiet.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";
import { digest, listed } from "../mail/digest.js";

export interface AskedQuery {
  readonly requests: readonly LookupRequest[];
  readonly devices: readonly string[];
  readonly at: number;
  /** Each device's recipient is `device@suffix`. */
  answer(suffix?: string): Promise<void>;
  fail(kind?: DatabaseFailure["kind"]): Promise<void>;
}

/** `Lookups` on a bench: queries wait for the test to end them. */
export class LookupBench {
  readonly clock = new VirtualClock(0);
  readonly queries: AskedQuery[] = [];
  /** Device and the addresses it was answered with, in that order. */
  readonly answers: string[] = [];
  readonly lines: string[] = [];
  readonly lookups: Lookups;
  readonly #recorded = recordingMetrics();

  constructor(options: Partial<LookupOptions> = {}) {
    const note = (fields: Readonly<Record<string, unknown>>, message: string): void => {
      this.lines.push(`${message} ${fields["reason"] ?? ""}`.trim());
    };
    this.lookups = new Lookups({
      database: { ask: (requests) => this.#ask(requests) },
      metrics: this.#recorded.metrics,
      clock: this.clock,
      log: { ...quietLog, info: note, warn: note, error: note },
      random: () => 1,
      options: {
        connections: 2,
        cacheTtlMs: 60_000,
        cacheMax: 100,
        retryInitialMs: 1_000,
        retryMaxMs: 60_000,
        usesLabels: true,
        ...options,
      },
    });
  }

  /** Lookups by outcome so far. */
  get counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const call of this.#recorded.calls) {
      const [name, outcome = "", count] = call.split(" ");
      if (name === "recipientLookup" && Number(count) > 0) counts[outcome] = (counts[outcome] ?? 0) + Number(count);
    }
    return counts;
  }

  want(deviceId: string, ...labels: Alert["labels"][]): void {
    const alerts = labels.map((own, index) => listed(index, { labels: own }));
    void this.lookups.recipientsOf(digest({ deviceId, listed: alerts })).then((recipients) => {
      this.answers.push([deviceId, ...recipients.map(({ address }) => address)].join(" "));
    });
  }

  /** Wanted, asked and answered. */
  async know(...devices: string[]): Promise<void> {
    for (const device of devices) this.want(device);
    await this.gathered();
    await this.last.answer();
    this.answers.length = 0;
  }

  /** Lets the moment pass in which requests are gathered. */
  gathered(): Promise<void> {
    return this.clock.advance(10);
  }

  get last(): AskedQuery {
    return this.queries.at(-1) as AskedQuery;
  }

  #ask(requests: readonly LookupRequest[]): Promise<DatabaseAnswer> {
    return new Promise((resolve) => {
      const end = async (answer: DatabaseAnswer): Promise<void> => {
        resolve(answer);
        await settled();
      };
      this.queries.push({
        requests,
        devices: requests.map(({ deviceId }) => deviceId),
        at: this.clock.elapsed(),
        answer: (suffix = "example.com") =>
          end({ kind: "answered", recipients: requests.map(({ deviceId }) => [recipient(`${deviceId}@${suffix}`)]) }),
        fail: (kind = "away") => end({ kind: "failed", failure: { kind, code: undefined, detail: "no" } }),
      });
    });
  }
}

const recipient = (address: string): Recipient => ({ address, kind: "to" });
