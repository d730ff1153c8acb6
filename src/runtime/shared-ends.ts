import { knownTo, LogInquiry } from "../core/log-history.js";
import type { PartitionStart } from "../core/partition.js";
import type { Clock } from "./clock.js";
import type { AlertSource } from "./ports.js";

/** What somebody knows of a partition. */
export interface Account {
  readonly partition: number;
  readonly start: PartitionStart;
}

/** Up to where what an account says is of the log as it is now. `unknown`: nobody can say yet. */
export type SharedEnd = number | "another-log" | "unknown";

/** Asks the present leaders how far their logs are the ones that accounts of them were made for, before anything of those is believed. */
export class SharedEnds {
  readonly #source: AlertSource;
  readonly #clock: Clock;
  /** Partition → since when its leader has been behind what an account knows. */
  readonly #behindSince = new Map<number, number>();

  constructor(deps: { source: AlertSource; clock: Clock }) {
    this.#source = deps.source;
    this.#clock = deps.clock;
  }

  /** In the order of the accounts; one that knows no epochs counts as far as it goes. Rejects when the broker does not answer. */
  async find(accounts: readonly Account[]): Promise<readonly SharedEnd[]> {
    const found = accounts.map((): SharedEnd => "unknown");
    const open = accounts.flatMap(({ partition, start }, index) => {
      const inquiry = LogInquiry.of(start.epochs ?? [], knownTo(start));
      if (inquiry === undefined) found[index] = Number.POSITIVE_INFINITY;
      return inquiry === undefined ? [] : [{ partition, inquiry, index }];
    });
    for (let round = 0; round < ROUNDS_MAX && open.length > 0; round++) {
      // One question for each partition at a time.
      const asked = open.filter(({ partition }, at) => open.findIndex((other) => other.partition === partition) === at);
      const answers = await this.#source.endsOfEpochs(
        asked.map(({ partition, inquiry: { epoch } }) => ({ partition, epoch, atLeast: epoch })),
      );
      for (const each of asked) {
        const { partition, inquiry, index } = each;
        const answer = answers.find((one) => one.partition === partition && one.epoch === inquiry.epoch);
        let result: SharedEnd | undefined;
        if (answer === undefined) result = "unknown";
        else if (answer.kind === "unsupported") result = Number.POSITIVE_INFINITY;
        else if (answer.kind === "end") {
          this.#behindSince.delete(partition);
          const shared = inquiry.answer(answer.end, answer.sameLeader);
          result = shared === inquiry.readTo ? Number.POSITIVE_INFINITY : shared;
        } else result = this.#isBehindForLong(partition) ? inquiry.unknown() : "unknown";
        if (result === undefined) continue;
        found[index] = result;
        open.splice(open.indexOf(each), 1);
      }
    }
    return found;
  }

  #isBehindForLong(partition: number): boolean {
    const now = this.#clock.elapsed();
    const since = this.#behindSince.get(partition) ?? now;
    this.#behindSince.set(partition, since);
    return now - since >= BEHIND_MS;
  }
}

const ROUNDS_MAX = 10;
/** As `LogChecks` has it. */
const BEHIND_MS = 30_000;
