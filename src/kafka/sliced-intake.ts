import type { EachBatchPayload } from "kafkajs";
import type { SourceListener } from "../runtime/ports.js";
import { type EventLoopTurns, OUR_TURNS } from "../runtime/turns.js";
import type { BatchIntake } from "./batch-taking.js";
import { sliceEnd } from "./fetched-records.js";

/**
 * Takes a batch slice after slice, with a heartbeat and a turn of the event loop between where it takes long: megabytes of large alerts keep nothing else
 * waiting, and no member out of its group. A pause, a seek or the loss of the partition ends it; the next fetch goes on at the position. True: all of it
 * was taken. Rejects with what KafkaJS has to be told, such as that the group is rebalancing.
 */
export const takeInSlices = async (
  payload: EachBatchPayload,
  listener: SourceListener,
  deps: {
    readonly intake: Pick<BatchIntake, "take">;
    readonly isPaused: (partition: number) => boolean;
    readonly turns?: Pick<EventLoopTurns, "next">;
  },
): Promise<boolean> => {
  const { intake, isPaused, turns = OUR_TURNS } = deps;
  const { partition } = payload.batch;
  for (const slice of slicesOf(payload.batch)) {
    const next = Number(slice.lastOffset()) + 1;
    const isTaken = (): boolean => listener.position(partition) === next;
    await listener.ahead?.(slice.messages);
    intake.take({ ...payload, batch: slice }, listener);
    if (!isTaken()) return false;
    if (slice.isLast) return true;
    await turns.next();
    await payload.heartbeat();
    if (!isTaken() || payload.isStale() || !payload.isRunning() || isPaused(partition)) return false;
  }
  return true;
};

type Slice = EachBatchPayload["batch"] & { readonly isLast: boolean };

/** As if a fetch had brought each of them. */
function* slicesOf(batch: EachBatchPayload["batch"]): Generator<Slice> {
  const { topic, partition, messages } = batch;
  let { fetchedOffset } = batch as typeof batch & { readonly fetchedOffset: string };
  let from = 0;
  while (from < messages.length) {
    const to = sliceEnd(messages, from);
    const some = from === 0 && to === messages.length ? messages : messages.slice(from, to);
    const isLast = to === messages.length;
    const lastOffset = isLast ? batch.lastOffset() : (some.at(-1)?.offset ?? fetchedOffset);
    const slice = { topic, partition, fetchedOffset, messages: some, lastOffset: () => lastOffset, isLast };
    // Whose leader wrote what comes first, be it a control record.
    const { messagesWithinOffset } = batch as { messagesWithinOffset?: readonly unknown[] };
    yield { ...slice, messagesWithinOffset: from === 0 ? messagesWithinOffset : some } as unknown as Slice;
    fetchedOffset = String(Number(lastOffset) + 1);
    from = to;
  }
}
