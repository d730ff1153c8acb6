import assert from "node:assert/strict";
import { test } from "node:test";
import { CheckpointRoom } from "#src/runtime/commit-metadata.js";
import { Departures } from "#src/runtime/departures.js";
import { Ownership } from "#src/runtime/ownership.js";
import type { AlertSource, CommitOutcome, CommitRequest } from "#src/runtime/ports.js";
import { decodeCheckpoint, TEST_LOG } from "#test/support/checkpoints.js";
import { HANDOVER_TIMES, hold, join } from "#test/support/lives.js";
import { quietLog } from "#test/support/quiet.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

test("a mail that ends while the commit that tells of it is under way is told of too: the next owner waits for it", async () => {
  const clock = new VirtualClock(0);
  const commits: CommitRequest[] = [];
  let answer: (outcome: CommitOutcome) => void = () => undefined;
  const source = {
    canCommit: true,
    committed: async () => [
      { partition: 0, offset: undefined, metadata: null, log: TEST_LOG, logStart: 0, logEnd: 9, logStable: 9 },
    ],
    commit: (requests: readonly CommitRequest[]) => {
      commits.push(...requests);
      return new Promise<CommitOutcome>((resolve) => {
        answer = resolve;
      });
    },
  } as unknown as AlertSource;
  const worker = {
    partition: 0,
    log: TEST_LOG,
    inFlight: 1,
    settledCount: 0,
    announced: false,
    lose: () => undefined,
    attempt: (request: CommitRequest) => request,
    isOwnCommit: () => true,
    checkpoint: (handingOver: number) => ({
      position: worker.settledCount,
      time: undefined,
      marks: [],
      settled: [],
      handingOver,
    }),
  };
  const ownership = new Ownership(HANDOVER_TIMES);
  const room = new CheckpointRoom(quietLog);
  const departures = new Departures({ ownership, source, room, clock, times: HANDOVER_TIMES });
  hold(ownership, worker);
  join(ownership, []);
  for (const outcome of [1, 2]) {
    const step = departures.step();
    await clock.advance(outcome === 1 ? 1_000 : 5_000);
    worker.inFlight = 0;
    worker.settledCount = 1;
    answer("committed");
    await step;
    // Far beyond the time in which a partition without mails in flight is handed over.
    await clock.advance(5_000);
  }
  assert.deepEqual(
    commits.map(({ offset, metadata }) => [offset, decodeCheckpoint(metadata, offset)?.handingOver]),
    [
      [0, 1],
      [1, 0],
    ],
  );
  assert.equal(ownership.departed.size, 0);
});
