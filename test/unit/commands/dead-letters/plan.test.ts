import assert from "node:assert/strict";
import { test } from "node:test";
import { Journal, noteOf } from "#src/commands/dead-letters/journal.js";
import { type Letter, parseLetter } from "#src/commands/dead-letters/letter.js";
import { compose, decide, type PlanContext, type Redrivable, withoutCopies } from "#src/commands/dead-letters/plan.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { debeziumEnvelope } from "#src/formats/envelopes/debezium.js";
import { DEFAULT_RULES } from "#src/formats/read-alert.js";
import { createShapedCodec } from "#src/formats/shaped-codec.js";
import type { StoredRecord } from "#src/kafka/record-reader.js";

const DOCUMENT = {
  deviceId: "boiler",
  topic: "alerts",
  partition: 2,
  offsets: [[4, 7]],
  count: 4,
  alerts: [
    { offset: 5, timestamp: 50, late: true, deviceId: "boiler", message: "b", severity: "critical" },
    { offset: 4, timestamp: 40, late: false, deviceId: "boiler", message: "a" },
  ],
};

const record = (more: Partial<StoredRecord> = {}, headers: Record<string, string> = {}): StoredRecord => ({
  topic: "dead",
  partition: 0,
  offset: 9,
  timestampMs: 1_000,
  key: Buffer.from("boiler"),
  value: Buffer.from(JSON.stringify(DOCUMENT)),
  headers: new Map(
    Object.entries({
      kind: "window",
      stage: "smtp",
      reason: "too-large",
      topic: "alerts",
      partition: "2",
      offset: "4",
      timestamp: "40",
      group: "g",
      ...headers,
    }).map(([name, value]) => [`dead-letter.${name}`, value]),
  ),
  rawHeaders: {},
  ...more,
});

const letterOf = (...args: Parameters<typeof record>): Letter => {
  const parsed = parseLetter(record(...args));
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.problem);
  return parsed.letter;
};

/** What is noted of a letter about four alerts. */
const NOTED = { alerts: 4, redrives: 1, runs: [] };

/** The notes of redrives that wrote records to partition 2 of the alerts. */
const journalOf = (...written: readonly [first: number, last: number, redrives: number][]): Journal => {
  const journal = new Journal();
  for (const [first, last, redrives] of written) {
    const note = noteOf(
      letterOf({ offset: 1_000 + first }, { offset: String(9_000 + first) }),
      { ...NOTED, redrives, runs: [{ partition: 2, first, last }] },
      0,
    );
    assert.ok(journal.add(record({ key: Buffer.from(note.key), value: Buffer.from(note.value) })));
  }
  return journal;
};

const context = (more: Partial<PlanContext> = {}): PlanContext => ({
  alertsTopic: "alerts",
  deadLetterTopic: "dead",
  group: "g",
  journal: new Journal(),
  maxRedrives: 3,
  again: false,
  timestamp: "original",
  toFailedOnly: false,
  codec: createAlertCodec(),
  ...more,
});

const source = (offset: number, deviceId: string): StoredRecord =>
  record({
    topic: "alerts",
    partition: 2,
    offset,
    timestampMs: offset * 10,
    key: Buffer.from(deviceId),
    value: Buffer.from(JSON.stringify({ deviceId, message: String(offset), own: 1 })),
  });

test("a window is its alerts in offset order, listed and read ones together, each with its own timestamp and one redrive more", () => {
  const decision = decide(letterOf({}, { redrives: "1" }), context({ journal: journalOf([4, 5, 1]) }));
  assert.ok(decision.kind === "window");
  assert.deepEqual(decision.unlisted, [[6, 7]]);
  const { records, missing } = compose(decision, [source(6, "boiler"), source(7, "pump")], context(), 3);
  assert.equal(missing, 1, "the other device's record is not the window's");
  assert.deepEqual(
    records.map(({ partition, key, timestampMs, value }) => [
      partition,
      String(key),
      timestampMs,
      JSON.parse(String(value)),
    ]),
    [
      [2, "boiler", 40, { deviceId: "boiler", message: "a" }],
      [2, "boiler", 50, { deviceId: "boiler", message: "b", severity: "critical" }],
      [2, "boiler", 60, { deviceId: "boiler", message: "6", own: 1 }],
    ],
  );
  for (const { headers } of records)
    assert.deepEqual(headers, {
      "dead-letter.redrives": "2",
      "dead-letter.redriven-from": "dead/0/9",
      "alert-digest.form": "alert",
    });
});

test("what cannot be read of a window's alerts is told apart from what is gone", () => {
  const decision = decide(letterOf(), context());
  assert.ok(decision.kind === "window");
  const stored = { ...source(6, "boiler"), value: Buffer.from("no alert") };
  const { records, missing, unreadable } = compose(decision, [stored], context(), 3);
  assert.equal(records.length, 2);
  assert.equal(missing, 1);
  assert.deepEqual(
    unreadable.map((detail) => /JSON/.test(detail)),
    [true],
  );
});

test("where records have another form, a window's are read by it, and go back as alerts that say so", () => {
  const shape = { registry: undefined, envelope: debeziumEnvelope, mapping: () => undefined };
  const codec = createShapedCodec(shape, DEFAULT_RULES);
  const event = { op: "c", source: {}, after: { deviceId: "boiler", message: "6" } };
  const stored = { ...source(6, "boiler"), value: Buffer.from(JSON.stringify(event)) };
  const decision = decide(letterOf(), context());
  assert.ok(decision.kind === "window");
  const { records } = compose(decision, [stored], context({ codec }), 3);
  assert.equal(records.length, 3);
  for (const { key, value, headers } of records) {
    const decoded = codec.decode({ key, value, headers });
    assert.ok(decoded.kind === "alert" && decoded.deviceId === "boiler");
  }
});

test("a record goes back with the headers that it had, which its format may need", () => {
  const rawHeaders = {
    ce_id: Buffer.from("e-1"),
    __value_schema_id: Buffer.from([1, 0xff]),
    "dead-letter.kind": "record",
  };
  const letter = letterOf({ value: Buffer.from("{}"), rawHeaders }, { kind: "record" });
  const decision = decide(letter, context());
  assert.ok(decision.kind === "record");
  assert.deepEqual(compose(decision, [], context(), 3).records[0]?.headers, {
    ce_id: Buffer.from("e-1"),
    __value_schema_id: Buffer.from([1, 0xff]),
    "dead-letter.redrives": "1",
    "dead-letter.redriven-from": "dead/0/9",
  });
});

const windowLetter = (fields: object): Letter =>
  letterOf({ value: Buffer.from(JSON.stringify({ ...DOCUMENT, ...fields })) });

test("to failed only: the header names who missed it; each such letter is one of its own, and none after one to everybody", () => {
  const missed = (...addresses: string[]): Letter =>
    windowLetter({ recipients: addresses.map((address) => ({ address, reason: "recipient-refused" })) });
  const failedOnly = context({ toFailedOnly: true });
  const decision = decide(missed("lee@x", "kim@x"), failedOnly);
  assert.ok(decision.kind === "window");
  for (const { headers } of compose(decision, [], failedOnly, 3).records)
    assert.equal(headers["alert-digest.only-to"], "kim@x,lee@x");
  assert.ok(
    !(
      "alert-digest.only-to" in
      (compose(decide(missed("kim@x"), context()) as Redrivable, [], context(), 3).records[0]?.headers ?? {})
    ),
  );

  const nobody = decide(missed(), failedOnly);
  assert.equal(nobody.kind === "window" && nobody.onlyTo, undefined, "nobody had it: it is for everybody");
  const restrictedBefore = decide(windowLetter({ recipients: [], onlyTo: ["kim@x"] }), failedOnly);
  assert.equal(restrictedBefore.kind === "window" && restrictedBefore.onlyTo, "kim@x");
  const many = decide(
    missed(...Array.from({ length: 1_000 }, (_, index) => `somebody-${index}@example.com`)),
    failedOnly,
  );
  assert.match(many.kind === "refused" ? many.why : "", /1000 recipients missed it/);

  const noted = (onlyTo?: string): Journal => {
    const journal = new Journal();
    const { key, value } = noteOf({ ...missed("kim@x"), offset: 1 }, { ...NOTED, onlyTo }, 0);
    journal.add(record({ key: Buffer.from(key), value: Buffer.from(value) }));
    return journal;
  };
  const kindOf = (journal: Journal, ...to: string[]) => decide(missed(...to), { ...failedOnly, journal }).kind;
  assert.equal(kindOf(noted("kim@x"), "kim@x"), "redriven");
  assert.equal(kindOf(noted("kim@x"), "lee@x"), "window");
  assert.equal(kindOf(noted(), "lee@x"), "redriven");
  const both = [decide(missed("kim@x"), failedOnly), decide(missed("lee@x"), failedOnly)] as Redrivable[];
  assert.equal(withoutCopies(both).length, 2);
});

test("with the time of the redrive, a window's alerts say themselves when they happened; a record is still itself", () => {
  const at = Date.UTC(2026, 10, 20);
  const now = context({ timestamp: "now" });
  const decision = decide(letterOf({}, {}), now);
  assert.ok(decision.kind === "window");
  const own = { ...source(6, "boiler"), timestampMs: at };
  const dated = {
    ...source(7, "boiler"),
    timestampMs: at,
    value: Buffer.from('{"deviceId":"boiler","message":"7","occurredAt":"2026-11-19T00:00:00Z"}'),
  };
  const { records } = compose(decision, [own, dated], now, 3);
  assert.ok(records.every(({ timestampMs }) => timestampMs === undefined));
  assert.deepEqual(
    records.map(({ value }) => (JSON.parse(String(value)) as { occurredAt?: string }).occurredAt),
    // The document's two say a time of 1970, which is none.
    [undefined, undefined, "2026-11-20T00:00:00.000Z", "2026-11-19T00:00:00Z"],
  );
  const letter = letterOf({ value: Buffer.from([0xff]) }, { kind: "record", timestamp: String(at) });
  const record = decide(letter, now);
  assert.ok(record.kind === "record");
  const [only] = compose(record, [], now, 3).records;
  assert.deepEqual([only?.timestampMs, only?.value], [undefined, Buffer.from([0xff])]);
});

test("a record is itself; without a timestamp it gets a new one, without its partition the key decides", () => {
  const letter = letterOf({ value: Buffer.from([0xff]) }, { kind: "record", timestamp: "-1" });
  const decision = decide(letter, context());
  assert.ok(decision.kind === "record");
  const { records } = compose(decision, [], context(), 2);
  const [only] = records;
  assert.deepEqual([only?.partition, only?.timestampMs, only?.value], [undefined, undefined, Buffer.from([0xff])]);
});

test("a letter that was redriven is passed over until it is asked for again; another one in its place is not", () => {
  const letter = letterOf();
  const journal = new Journal();
  const note = noteOf(letter, NOTED, 5_000);
  assert.equal(journal.add(record({ key: Buffer.from(note.key), value: Buffer.from(note.value) })), true);
  assert.equal(journal.add(record({ value: Buffer.from("{}") })), false);
  assert.deepEqual(decide(letter, context({ journal })), { kind: "redriven", letter, at: "1970-01-01T00:00:05.000Z" });
  assert.equal(decide(letter, context({ journal, again: true })).kind, "window");
  const elsewhere = { offset: "44" };
  assert.equal(decide(letterOf({ timestampMs: 1_001 }, elsewhere), context({ journal })).kind, "window");
});

test("the same letter written twice goes back once, and the one that tells of more instead of the other", () => {
  const more = { ...DOCUMENT, offsets: [[4, 8]], count: 5 };
  const letters = [
    letterOf({ offset: 9 }),
    letterOf({ offset: 10 }),
    letterOf({ offset: 11, value: Buffer.from(JSON.stringify(more)) }),
  ];
  const decisions = letters.map((letter) => decide(letter, context())) as Redrivable[];
  assert.deepEqual(
    withoutCopies(decisions.slice(0, 2)).map(({ letter }) => letter.offset),
    [9],
  );
  assert.deepEqual(
    withoutCopies(decisions).map(({ letter }) => letter.offset),
    [11],
  );
  const journal = new Journal();
  const [first, copy, longer] = letters as [Letter, Letter, Letter];
  const note = noteOf(first, NOTED, 5_000);
  journal.add(record({ key: Buffer.from(note.key), value: Buffer.from(note.value) }));
  assert.equal(decide(copy, context({ journal })).kind, "redriven");
  assert.equal(decide(longer, context({ journal })).kind, "window", "nothing is lost");
});

test("what must not go back is refused with the reason", () => {
  for (const [letter, why] of [
    [letterOf({ offset: 99 }, { redrives: "3", offset: "5" }), /came back 3 times/],
    [letterOf({}, { partition: "1" }), /different partitions/],
    [letterOf({ value: Buffer.from("{") }), /document cannot be read/],
  ] as const) {
    const decision = decide(letter, context({ journal: journalOf([5, 5, 3]) }));
    assert.equal(decision.kind, "refused");
    assert.match(decision.kind === "refused" ? decision.why : "", why);
  }
});

test("alerts came back as often as their header says, but no more often than the notes know of records at their offsets", () => {
  const runs = [
    [100, 199, 1],
    [0, 3, 9],
    [7, 7, 3],
    [8, 8, 9],
    [5, 5, 2],
  ] as const;
  const journal = journalOf(
    ...runs.map(([first, last, redrives]): [number, number, number] => [first, last, redrives]),
  );
  const of = (told: string | undefined, offsets: readonly (readonly [number, number])[], partition = "2") =>
    journal.redrivesOf(letterOf({}, { partition, ...(told !== undefined && { redrives: told }) }), offsets);
  assert.equal(of("999", [[4, 7]]), 3, "the highest of its alerts");
  assert.equal(
    of("999", [
      [4, 4],
      [6, 6],
    ]),
    0,
    "a producer wrote it",
  );
  assert.equal(
    of("999", [
      [150, 150],
      [300, 301],
    ]),
    1,
  );
  assert.equal(of("2", [[7, 8]]), 2);
  assert.equal(of(undefined, [[7, 8]]), 0, "its log was made anew");
  assert.equal(of("999", [[4, 7]], "1"), 0, "another partition's");
  assert.equal(decide(letterOf({}, { redrives: "999" }), context()).kind, "window");
});

test("a note of an earlier version, which says nothing of where the records are, is one", () => {
  const journal = new Journal();
  const value = { timestamp: 1_000, redrivenAt: "2026-11-21T08:00:00.000Z", source: "window alerts/2/4@40", alerts: 4 };
  assert.equal(journal.add(record({ key: Buffer.from("0/9"), value: Buffer.from(JSON.stringify(value)) })), true);
  assert.equal(decide(letterOf(), context({ journal })).kind, "redriven");
});

test("a letter whose record was not kept goes nowhere: there is nothing to send", () => {
  const letter = letterOf({ value: Buffer.alloc(0) }, { kind: "record", stage: "decode", value: "not kept" });
  const decision = decide(letter, context());
  assert.equal(decision.kind, "refused");
  assert.match(decision.kind === "refused" ? decision.why : "", /too large to be kept: it lies in alerts\/2\/4,/);
});

test("another group's letter, or one from another topic, is none of this group's business: foreign, not refused", () => {
  for (const [letter, why] of [
    [letterOf({}, { group: "other" }), /of group other, not of g/],
    [letterOf({}, { topic: "other" }), /from topic other, not from alerts/],
  ] as const) {
    const decision = decide(letter, context());
    assert.equal(decision.kind, "foreign");
    assert.match(decision.kind === "foreign" ? decision.why : "", why);
  }
});

test("a record that is no dead letter is told by what it lacks", () => {
  for (const [letter, problem] of [
    [record({ headers: new Map() }), /no header dead-letter\.kind/],
    [record({}, { kind: "note" }), /neither record nor window/],
    [record({ value: null }), /no value/],
    [record({}, { offset: "x" }), /dead-letter\.offset is missing or no number/],
    [record({}, { offset: "-1" }), /dead-letter\.offset is -1, which no record has/],
    [record({}, { partition: "-2" }), /dead-letter\.partition is -2, which no partition has/],
    [record({}, { partition: "2147483648" }), /dead-letter\.partition is 2147483648, which no partition has/],
  ] as const) {
    const parsed = parseLetter(letter);
    assert.match(parsed.ok ? "" : parsed.problem, problem);
  }
});

test("what could not be read of a window's alerts goes back as it was written, and is read as before", () => {
  const value = Buffer.from('{"deviceId":"boiler","message":"hot","severity":"SPAM","value":"--","labels":{"line":3}}');
  const codec = createAlertCodec();
  const first = codec.decode({ key: null, value });
  assert.ok(first.kind === "alert");
  const alert = codec.parse(first.bytes);
  const alerts = [{ offset: 4, timestamp: 40, late: false, ...alert }];
  const document = { ...DOCUMENT, offsets: [[4, 4]], count: 1, alerts };
  const decision = decide(letterOf({ value: Buffer.from(JSON.stringify(document)) }), context());
  const [written] = compose(decision as Redrivable, [], context(), 3).records;
  const again = codec.decode({ key: null, value: written?.value ?? Buffer.alloc(0) });
  assert.ok(again.kind === "alert");
  assert.deepEqual(codec.parse(again.bytes), alert);
  assert.deepEqual({ ...alert.asWritten }, { severity: "SPAM", value: "--" });
});

test("with KAFKA_KEY=any, what is read back of a window may have any key, and goes back under its device", () => {
  const any = context({ codec: createAlertCodec({ key: "any", severities: new Map() }) });
  const decision = decide(letterOf(), any);
  const value = Buffer.from('{"deviceId":"boiler","message":6}');
  const { records, missing } = compose(decision as Redrivable, [{ ...source(6, "site-1"), value }], any, 3);
  assert.equal(missing, 1);
  assert.equal(String(records[2]?.key), "boiler");
  const decoded = any.codec.decode({ key: Buffer.from("boiler"), value: records[2]?.value ?? Buffer.alloc(0) });
  assert.ok(decoded.kind === "alert" && decoded.deviceId === "boiler");
});
