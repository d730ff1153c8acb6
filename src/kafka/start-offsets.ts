import {
  planStart,
  type StartAt,
  type StartPlan,
  startOffset,
  startText,
  summarizeStart,
} from "../core/first-start.js";
import { YEAR_2000 } from "../core/time.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { CommittedPartition } from "../runtime/ports.js";
import { rootCause } from "./client.js";
import type { TopicCommits } from "./committed-offsets.js";
import type { FirstCommit } from "./membership.js";
import type { FoundRecords, RecordTimes } from "./record-times.js";

/**
 * Gives partitions their first commit before anything of them is read, and says in the log what that means: which records will be mailed, and how to skip them.
 * Without that commit a start that read nothing would choose again the next time, and `latest` would skip what came in between.
 */
export class StartOffsets {
  readonly #startAt: StartAt;
  readonly #times: Pick<RecordTimes, "firstFrom">;
  readonly #names: { readonly topic: string; readonly group: string; readonly brokers: readonly string[] };
  readonly #clock: Clock;
  readonly #log: Logger;
  /** The group has commits of this topic, or had them: what has none is no first start any more. */
  #hasBegun = false;
  #waitingSince: number | undefined;

  constructor(deps: {
    startAt: StartAt;
    times: Pick<RecordTimes, "firstFrom">;
    names: { readonly topic: string; readonly group: string; readonly brokers: readonly string[] };
    clock: Clock;
    log: Logger;
  }) {
    this.#startAt = deps.startAt;
    this.#times = deps.times;
    this.#names = deps.names;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /**
   * `commits` with the assigned partitions among `wanted` that had no commit and have one now; without those that have to wait. `commit` belongs to the
   * membership in which `commits` were read. One call at a time for the same partitions.
   */
  async begin(
    { known, silent }: TopicCommits,
    { assigned, wanted }: { readonly assigned: ReadonlySet<number>; readonly wanted: readonly number[] },
    commit: FirstCommit | undefined,
  ): Promise<readonly CommittedPartition[]> {
    const own = new Set(wanted.filter((partition) => assigned.has(partition)));
    const missing = known.filter(({ partition, offset }) => offset === undefined && own.has(partition));
    const started =
      missing.length === 0 || commit === undefined
        ? new Map()
        : await this.#start(known, silent, { own, ownsFirst: assigned.has(0) }, commit);
    if (known.some(({ offset }) => offset !== undefined)) this.#hasBegun = true;
    return known.flatMap((entry) => {
      if (entry.offset !== undefined || !own.has(entry.partition)) return entry;
      const offset = started.get(entry.partition);
      return offset === undefined ? [] : { ...entry, offset, metadata: "" };
    });
  }

  /** Partition → where it begins, once that is committed. */
  async #start(
    partitions: readonly CommittedPartition[],
    silent: readonly number[],
    { own, ownsFirst }: { readonly own: ReadonlySet<number>; readonly ownsFirst: boolean },
    commit: FirstCommit,
  ): Promise<ReadonlyMap<number, number>> {
    const plan = planStart({
      startAt: this.#startAt,
      partitions,
      own,
      ownsFirst,
      hasBegun: this.#hasBegun,
      mustWaitForOthers: silent.length > 0 && this.#hasPatience(),
    });
    if (plan === undefined) {
      this.#log.info(
        { partitions: [...own], silent },
        "no committed offset: waiting for the owner of partition 0, who commits where all partitions begin",
      );
      return new Map();
    }
    const found = await this.#find(plan);
    // A partition of which nobody says where its span begins is asked for again.
    const begun = plan.begin.filter(({ partition }) => plan.at.kind !== "span" || found.has(partition));
    const started = begun.map((log) => {
      const first = found.get(log.partition);
      return { log, first, offset: startOffset(plan.at, log, first) };
    });
    if (started.length === 0 || (started.length < plan.begin.length && this.#hasPatience())) return new Map();
    const offsets = started.map(({ log: { partition }, offset }) => ({ partition, offset }));
    try {
      await commit(offsets);
    } catch (error) {
      this.#log.warn(
        { error: rootCause(error).message, partitions: offsets.map(({ partition }) => partition) },
        "the first commit of these partitions failed; trying again",
      );
      return new Map();
    }
    this.#hasBegun = true;
    this.#tell(plan, started);
    return new Map(offsets.map(({ partition, offset }) => [partition, offset]));
  }

  #find({ at, begin }: StartPlan): Promise<FoundRecords> {
    const partitions = begin.map(({ partition }) => partition);
    // A time before 2000 says nothing of when a record was written.
    const since = at.kind === "span" ? this.#clock.now() - at.spanMs : YEAR_2000;
    const asked = this.#times.firstFrom(since, partitions);
    // Else it is only for the log line.
    return at.kind === "span" ? asked : asked.catch(() => new Map());
  }

  #hasPatience(): boolean {
    this.#waitingSince ??= this.#clock.elapsed();
    return this.#clock.elapsed() - this.#waitingSince < PATIENCE_MS;
  }

  #tell({ at, besideOthers }: StartPlan, started: Parameters<typeof summarizeStart>[0]): void {
    const { topic, group, brokers } = this.#names;
    const { records, sinceMs, skipped } = summarizeStart(started);
    const partitions = started.map(({ log }) => log.partition);
    const fields = {
      topic,
      group,
      partitions,
      startAt: startText(at),
      records,
      ...(sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }),
      skipped,
      why: besideOthers
        ? "other partitions of the topic have one: these are new, or their offsets were deleted"
        : "the group has never read this topic, or its offsets expired",
    };
    if (records > 0) {
      const skip =
        "stop all instances of the group, then kafka-consumer-groups.sh --bootstrap-server " +
        `${brokers.join(",")} --group ${group} --topic ${topic}:${partitions.join(",")} --reset-offsets --to-latest --execute, then start them`;
      this.#log.warn(
        { ...fields, skip },
        "no committed offset: the records that are in the log already will be mailed; skip says how to skip them",
      );
    } else if (skipped > 0) {
      this.#log.warn(
        fields,
        "no committed offset: the records that are in the log already are skipped, as KAFKA_START says",
      );
    } else this.#log.info(fields, "no committed offset, and no records in the log yet");
  }
}

/** A broker that is silent for longer than this is not waited for: its partitions begin at the start of their logs, once they can be read. */
const PATIENCE_MS = 30_000;
