import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ByteReader } from "#src/core/checkpoint-bytes.js";
import { decodeEpochs, encodeEpochs } from "#src/core/checkpoint-sections.js";
import {
  belowEnd,
  type EpochEnd,
  type EpochStart,
  knownTo,
  LeaderEpochs,
  LogInquiry,
  logName,
  ReadLog,
  upTo,
} from "#src/core/log-history.js";
import type { PartitionStart } from "#src/core/partition.js";
import { eventTime } from "#src/core/time.js";
import type { SourceRecord, SourceRecords } from "#src/runtime/ports.js";
import { decodeCheckpoint, encodeCheckpoint } from "#test/support/checkpoints.js";
import { checkProperty } from "#test/support/property.js";
import { Random } from "#test/support/random.js";

const LOG = logName("cluster", "alerts", 0);
const start = (epoch: number, offset: number): EpochStart => ({ epoch, offset });

describe("which leaders' records were read", () => {
  test("each epoch begins with its first record; older ones, and records without one, change nothing", () => {
    const epochs = new LeaderEpochs();
    for (const [offset, epoch] of [
      [0, 2],
      [1, 2],
      [2, -1],
      [3, 5],
      [4, 4],
    ] as const)
      epochs.read(offset, epoch);
    assert.deepEqual(epochs.starts, [start(2, 0), start(5, 3)]);
    assert.deepEqual([epochs.last, epochs.below(3), epochs.below(4), epochs.below(0)], [5, 2, 5, undefined]);
  });

  test("a replay that finds a later epoch further down forgets what it was told from there on", () => {
    const epochs = new LeaderEpochs([start(1, 0), start(2, 10)]);
    epochs.read(7, 3);
    assert.deepEqual(epochs.starts, [start(1, 0), start(3, 7)]);
    const several = new LeaderEpochs([start(1, 0), start(2, 10), start(3, 20), start(4, 30)]);
    several.read(20, 5);
    assert.deepEqual(several.starts, [start(1, 0), start(2, 10), start(5, 20)]);
  });

  test("a record without an epoch says nothing, not even as the first one", () => {
    const epochs = new LeaderEpochs();
    epochs.read(0, -1);
    assert.deepEqual(epochs.starts, []);
  });

  test("the last eight leaders are kept", () => {
    const nine = Array.from({ length: 9 }, (_, index) => start(index, index * 10));
    const epochs = new LeaderEpochs();
    for (const { epoch, offset } of nine.slice(0, 8)) epochs.read(offset, epoch);
    assert.deepEqual(epochs.starts, nine.slice(0, 8));
    epochs.read(80, 8);
    assert.deepEqual(epochs.starts, nine.slice(1));
    assert.deepEqual(new LeaderEpochs(nine).starts, nine.slice(1));
  });
});

/** What a leader with this log says, and what comes of it. */
const inquire = (own: readonly EpochStart[], readTo: number, leader: readonly EpochStart[], end: number) => {
  const inquiry = LogInquiry.of(own, readTo);
  assert.ok(inquiry !== undefined);
  for (;;) {
    const asked = inquiry.epoch;
    const above = leader.find(({ epoch }) => epoch > asked);
    const floor = leader.findLast(({ epoch }) => epoch <= asked);
    const answer: EpochEnd =
      above === undefined
        ? { epoch: asked, endOffset: end }
        : { epoch: floor?.epoch ?? asked, endOffset: above.offset };
    const shared = inquiry.answer(answer, above === undefined);
    if (shared !== undefined) return shared;
  }
};

describe("how far the log of today is the one that was read", () => {
  for (const [what, own, readTo, leader, end, expected] of [
    ["another leader that has everything", [start(0, 0)], 100, [start(0, 0), start(1, 100)], 130, 100],
    ["an election that cut the end off", [start(0, 0)], 120, [start(0, 0), start(1, 60)], 180, 60],
    [
      "two of them",
      [start(0, 0)],
      120,
      [start(0, 0), start(1, 90), start(2, 60)].slice(0, 1).concat(start(2, 60)),
      180,
      60,
    ],
    [
      "an old leader comes back with what the new one did not have",
      [start(0, 0), start(1, 60)],
      100,
      [start(0, 0), start(2, 120)],
      130,
      60,
    ],
    [
      "a leader in between whose records were not read",
      [start(0, 0), start(3, 60)],
      100,
      [start(0, 0), start(1, 50), start(4, 70)],
      80,
      50,
    ],
    ["a log that begins with later epochs", [start(5, 100)], 120, [start(7, 110)], 130, 110],
  ] as const) {
    test(what, () => assert.equal(inquire(own, readTo, leader, end), expected));
  }

  test("the same leader with a shorter log: it is another log", () => {
    assert.equal(inquire([start(0, 0)], 120, [start(0, 0)], 100), "another-log");
    assert.equal(inquire([start(0, 0)], 120, [start(0, 0)], 120), 120);
  });

  test("a leader that has led ever since, and knows an older epoch only, has what it says of that one", () => {
    const inquiry = LogInquiry.of([start(3, 0), start(5, 80)], 100);
    assert.equal(inquiry?.answer({ epoch: 3, endOffset: 70 }, true), 70);
  });

  test("where nobody knows an epoch the one before is asked for, and at last it is another log", () => {
    const inquiry = LogInquiry.of([start(3, 0), start(5, 80)], 100);
    assert.equal(inquiry?.epoch, 5);
    assert.equal(inquiry?.unknown(), undefined);
    assert.equal(inquiry?.epoch, 3);
    assert.equal(inquiry?.answer({ epoch: 3, endOffset: 70 }, true), "another-log");
    assert.equal(inquiry?.unknown(), "another-log");
  });

  test("where no epoch is known there is nothing to ask", () => {
    assert.equal(LogInquiry.of([], 10), undefined);
  });

  test("whatever elections did to a log: never more than is the same, and all of it while nothing was lost", () => {
    const holds = fc.property(fc.integer(), (seed) => {
      const random = new Random(seed);
      const log: number[] = [];
      let leader: EpochStart[] = [start(0, 0)];
      const write = (count: number) => {
        for (let i = 0; i < count; i++) log.push((leader.at(-1) as EpochStart).epoch * 1_000 + log.length);
      };
      const elect = (cut: number) => {
        log.length -= cut;
        const epoch = (leader.at(-1)?.epoch ?? 0) + 1;
        leader = [...leader.filter(({ offset }) => offset < log.length), start(epoch, log.length)];
      };
      for (let i = random.between(0, 3); i >= 0; i--) {
        write(random.between(1, 20));
        elect(random.between(0, Math.min(3, log.length)));
      }
      write(random.between(1, 20));
      const read = [...log];
      const own = new LeaderEpochs();
      for (const [offset, record] of read.entries()) own.read(offset, Math.floor(record / 1_000));
      for (let i = random.between(0, 3); i > 0; i--) {
        elect(random.between(0, Math.min(30, log.length)));
        write(random.between(0, 40));
      }
      const differs = read.findIndex((record, offset) => log[offset] !== record);
      const shared = inquire(own.starts, read.length, leader, log.length);
      assert.equal(shared, differs < 0 ? read.length : differs);
    });
    checkProperty(holds, { runs: 500, rerun: "npm run test:unit -- leader-epochs" });
  });

  test("a restart is told enough: also where a replica comes back that several elections have left behind, again and again", () => {
    const holds = fc.property(fc.integer(), (seed) => {
      const random = new Random(seed);
      /** Replicas as they were when they fell behind; each record is a number of its own. */
      const replicas: { readonly log: readonly number[]; readonly leader: readonly EpochStart[] }[] = [];
      let log: number[] = [];
      let leader: EpochStart[] = [];
      let newest = -1;
      const elect = () => {
        replicas.push({ log: [...log], leader });
        const next = replicas[random.between(0, replicas.length - 1)] as (typeof replicas)[number];
        log = next.log.slice(0, random.between(0, next.log.length));
        leader = [...next.leader.filter(({ offset }) => offset < log.length), start(++newest, log.length)];
        for (let i = random.between(0, 12); i > 0; i--) log.push(newest * 1_000 + log.length);
      };
      let known: PartitionStart = { position: 0, time: undefined, marks: [], settled: [] };
      let had: number[] = [];
      for (let i = random.between(2, 7); i > 0; i--) {
        elect();
        let source = new ReadLog(LOG, known);
        const told = known.epochs ?? [];
        const differs = had.findIndex((record, offset) => log[offset] !== record);
        const same = differs < 0 ? had.length : differs;
        const shared = told.length === 0 ? undefined : inquire(told, had.length, leader, log.length);
        if (had.length > 0) assert.equal(shared, same);
        source.cutOff(same);
        source = new ReadLog(LOG, source.known(known));
        for (let offset = same; offset < log.length; offset++)
          source.epochs.read(offset, Math.floor((log[offset] as number) / 1_000));
        had = [...log];
        known = source.known({ position: log.length, time: undefined, marks: [], settled: [] });
      }
    });
    checkProperty(holds, { runs: 500, rerun: "npm run test:unit -- leader-epochs" });
  });
});

test("what is known of a log that was cut off below the position begins there, and knows of nothing above", () => {
  const known = {
    position: 10,
    time: undefined,
    marks: [],
    settled: [[12, 15]] as const,
    epochs: [start(0, 3), start(1, 7)],
  };
  assert.deepEqual(upTo(known, 6), { position: 6, time: undefined, marks: [], settled: [], epochs: [start(0, 3)] });
  assert.deepEqual(upTo(known, 14).settled, [[12, 13]]);
  assert.equal(upTo(known, Number.POSITIVE_INFINITY), known);
});

test("epochs in a checkpoint come back as they were, whether they begin below the position or above it", () => {
  for (const starts of [[start(3, 10)], [start(0, 2), start(7, 50), start(9, 51)], [start(4, 45)]]) {
    const bytes = Uint8Array.from(encodeEpochs(starts, 40));
    assert.deepEqual(decodeEpochs(new ByteReader(bytes), 40), starts);
    assert.equal(decodeEpochs(new ByteReader(bytes.subarray(0, bytes.length - 1)), 40), undefined);
  }
});

test("what a checkpoint says of leaders is read back with all else that it says, and only where it can be true", () => {
  const epochs = [start(3, 10), start(0x7fff_ffff, 44)];
  const early = [{ offset: 41, shift: 0, alerts: 2 }];
  const one = { position: 40, handingOver: 0, time: undefined, marks: [], settled: [], readTo: 45, early, epochs };
  assert.deepEqual(decodeCheckpoint(encodeCheckpoint(one).metadata, 40), one);

  const decoded = (...starts: readonly EpochStart[]) =>
    decodeEpochs(new ByteReader(Uint8Array.from(encodeEpochs(starts, 40))), 40);
  assert.deepEqual(decoded(start(1, 0)), [start(1, 0)]);
  for (const [what, starts] of [
    ["an offset below the log", [start(1, -1)]],
    ["one below the log and one in it", [start(1, -1), start(2, 5)]],
    ["an epoch that Kafka does not have", [start(0x8000_0000, 0)]],
    ["the same epoch twice", [start(1, 0), start(1, 5)]],
  ] as const)
    assert.equal(decoded(...starts), undefined, what);
});

const START: PartitionStart = { position: 5, time: eventTime(100), marks: [], settled: [] };

test("settled offsets at or above the end of the log do not count: other records get them", () => {
  const told: PartitionStart = { ...START, settled: [[6, 8]] };
  assert.deepEqual(belowEnd(told, 6), {
    start: { ...START, settled: [] },
    unbelieved: { from: 6, settledOffsets: 3 },
  });
  assert.deepEqual(belowEnd(told, 8), {
    start: { ...START, settled: [[6, 7]] },
    unbelieved: { from: 8, settledOffsets: 1 },
  });
  const apart: PartitionStart = {
    ...START,
    settled: [
      [6, 6],
      [8, 9],
      [20, 29],
    ],
  };
  assert.deepEqual(belowEnd(apart, 15), {
    start: {
      ...START,
      settled: [
        [6, 6],
        [8, 9],
      ],
    },
    unbelieved: { from: 20, settledOffsets: 10 },
  });
});

test("a log that goes as far as the checkpoint, or further, changes nothing", () => {
  const told: PartitionStart = {
    ...START,
    settled: [[6, 8]],
    marks: [{ offset: 9, time: eventTime(200) }],
    early: [{ offset: 8, shift: 0, alerts: 1 }],
    delivered: [{ recipients: [1], runs: [[5, 8]] }],
    readTo: 9,
  };
  for (const end of [9, 10, 1_000]) {
    const { start, unbelieved } = belowEnd(told, end);
    assert.equal(start, told);
    assert.equal(unbelieved, undefined);
  }
});

test("early mails, marks and the read position above the end do not count; what lies below stays", () => {
  const { start, unbelieved } = belowEnd(
    {
      ...START,
      marks: [
        { offset: 7, time: eventTime(150) },
        { offset: 10, time: eventTime(200) },
        { offset: 11, time: eventTime(250) },
      ],
      early: [
        { offset: 9, shift: 0, alerts: 1 },
        { offset: 10, shift: 0, alerts: 1 },
      ],
      readTo: 12,
    },
    10,
  );
  assert.deepEqual(start, {
    ...START,
    marks: [
      { offset: 7, time: 150 },
      { offset: 10, time: 200 },
    ],
    early: [{ offset: 9, shift: 0, alerts: 1 }],
    readTo: 10,
  });
  assert.deepEqual(unbelieved, { from: 10, settledOffsets: 0 });
  for (const [more, from] of [
    [{ early: [{ offset: 13, shift: 0, alerts: 1 }] }, 13],
    [{ marks: [{ offset: 11, time: eventTime(1) }] }, 10],
    [{ delivered: [{ recipients: [1], runs: [[14, 15]] }] }, 14],
    [{ readTo: 11 }, 10],
  ] as const)
    assert.deepEqual(belowEnd({ ...START, ...more }, 10), {
      start: "readTo" in more ? { ...START, readTo: 10 } : START,
      unbelieved: { from, settledOffsets: 0 },
    });
});

test("who has an alert at or above the end does not count; what is said of alerts below stays", () => {
  const delivered = [
    { recipients: [1], runs: [[6, 7]] },
    {
      recipients: [1, 2],
      runs: [
        [8, 9],
        [12, 14],
      ],
    },
    { recipients: [3], runs: [[16, 16]] },
  ] as const;
  const { start, unbelieved } = belowEnd({ ...START, delivered }, 9);
  assert.deepEqual(start, {
    ...START,
    delivered: [
      { recipients: [1], runs: [[6, 7]] },
      { recipients: [1, 2], runs: [[8, 8]] },
    ],
  });
  assert.deepEqual(unbelieved, { from: 9, settledOffsets: 0 });
  assert.equal(belowEnd({ ...START, delivered }, 17).unbelieved, undefined);
  assert.equal(knownTo({ ...START, delivered: delivered.slice(0, 2) }), 15);
  assert.equal(knownTo({ ...START, delivered: delivered.toReversed() }), 17);
});

test("faults count alerts up to where they say: beyond the end they are not believed, at the end they are", () => {
  const faults = { upTo: 10, heardTo: 0, completeFrom: undefined, devices: [] };
  const told: PartitionStart = { ...START, settled: [[6, 20]], faults };
  assert.deepEqual(belowEnd(told, 10), {
    start: { ...START, settled: [[6, 9]], faults },
    unbelieved: { from: 10, settledOffsets: 11 },
  });
  assert.deepEqual(belowEnd({ ...START, faults }, 9), {
    start: START,
    unbelieved: { from: 9, settledOffsets: 0 },
  });
  assert.equal(belowEnd({ ...START, faults }, 10).unbelieved, undefined);
});

test("an early mail at the end itself is of another record", () => {
  const early = [{ offset: 10, shift: 0, alerts: 1 }];
  assert.deepEqual(belowEnd({ ...START, early }, 10), { start: START, unbelieved: { from: 10, settledOffsets: 0 } });
});

test("of a log that is another one from an offset on, what lies below stays, and the time where nothing above was read", () => {
  const epochs = [
    { epoch: 1, offset: 0 },
    { epoch: 2, offset: 5 },
  ];
  const told: PartitionStart = { ...START, settled: [[6, 8]], marks: [{ offset: 6, time: eventTime(150) }], epochs };
  assert.equal(upTo(told, Number.POSITIVE_INFINITY), told);
  assert.deepEqual(upTo(told, 5), { ...START, epochs: epochs.slice(0, 1) });
  assert.deepEqual(upTo(told, 7), { ...told, settled: [[6, 6]] });
  assert.deepEqual(upTo(told, 4), { position: 4, time: undefined, marks: [], settled: [], epochs: epochs.slice(0, 1) });
  const { epochs: _, ...unknown } = told;
  assert.deepEqual(upTo(unknown, 5), START);
  assert.deepEqual(upTo({ ...told, epochs: epochs.slice(1) }, 5), START);
});

test("nothing is said from where the last word of any kind ends", () => {
  assert.equal(knownTo(START), 5);
  for (const more of [
    { readTo: 12 },
    { faults: { upTo: 12, heardTo: 0, completeFrom: undefined, devices: [] } },
    {
      settled: [
        [6, 7],
        [9, 11],
      ],
    },
    {
      early: [
        { offset: 6, shift: 0, alerts: 1 },
        { offset: 8, shift: 0, alerts: 1 },
        { offset: 11, shift: 0, alerts: 1 },
      ],
    },
    {
      delivered: [
        {
          recipients: [1],
          runs: [
            [6, 7],
            [9, 9],
            [11, 11],
          ],
        },
      ],
    },
  ] as const)
    assert.equal(knownTo({ ...START, ...more }), 12);
});

/** Read up to 8 before a restart at 2: from 0 on under leader 0, from 6 on under leader 2. */
const log = () =>
  new ReadLog(undefined, {
    position: 2,
    time: undefined,
    marks: [],
    settled: [[4, 7]],
    epochs: [
      { epoch: 0, offset: 0 },
      { epoch: 2, offset: 6 },
    ],
  });

/** From offset 3 on. */
const records = (...epochs: readonly (number | undefined)[]): SourceRecord[] =>
  epochs.map((leaderEpoch, at) => ({
    ...{ offset: 3 + at, timestampMs: 0, key: null, value: null },
    ...(leaderEpoch !== undefined && { leaderEpoch }),
  }));

const offsets = (taken: SourceRecords): number[] => taken.slice().map(({ offset }) => offset);

test("what is read again is taken whole while the leaders are those under which it was read", () => {
  assert.deepEqual(offsets(log().continuing(records(0, 0, 0, 2, 2))), [3, 4, 5, 6, 7]);
});

test("what another leader has put where records were read is not taken together with what lies before it", () => {
  assert.deepEqual(offsets(log().continuing(records(0, 0, 0, 3, 3))), [3, 4, 5]);
  assert.deepEqual(offsets(log().continuing(records(0, 1, 1))), [3]);
  assert.deepEqual(offsets(log().continuing(records(3, 3))), [3, 4], "the first one was judged before");
});

test("a leader whose records nobody has read yet, and records without an epoch, are taken", () => {
  assert.deepEqual(offsets(log().continuing(records(0, 0, 0, 2, 2, 5, 7))), [3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(offsets(log().continuing(records(undefined, undefined, undefined))), [3, 4, 5]);
});
