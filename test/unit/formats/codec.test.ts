import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_VALUE_BYTES } from "#src/core/alert.js";
import { bytesOf } from "#src/core/partition-types.js";
import { createAlertCodec } from "#src/formats/codec.js";

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const MINIMAL = { deviceId: "d1", message: "Too hot" };
const codec = createAlertCodec();
const decode = (value: unknown, key: Buffer | string | null = null) =>
  codec.decode({
    key: typeof key === "string" ? Buffer.from(key) : key,
    value: Buffer.isBuffer(value) ? value : bytes(value),
  });

/** What the runtime is told of it, without the bytes. */
const told = (value: unknown, key: Buffer | string | null = null) => {
  const decoded = decode(value, key);
  if (decoded.kind !== "alert") return decoded;
  const { kind, deviceId, severity, status, type, occurredAt, repairs } = decoded;
  return { kind, deviceId, severity, status, type, occurredAt, repairs };
};

/** The reason why a value cannot be read, or "alert". */
const verdict = (value: unknown, key?: Buffer | string | null): string => {
  const decoded = decode(value, key);
  return decoded.kind === "unreadable" ? decoded.reason : decoded.kind;
};

test("device ID and message are enough; what is absent has its default", () => {
  assert.deepEqual(told(MINIMAL), {
    kind: "alert",
    deviceId: "d1",
    severity: "warning",
    status: "firing",
    type: undefined,
    occurredAt: undefined,
    repairs: [],
  });
  const { severity, status, ...rest } = codec.parse(bytes(MINIMAL));
  assert.deepEqual([severity, status], ["warning", "firing"]);
  assert.deepEqual(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)), MINIMAL);
});

test("every field of the contract is read; unknown fields are nobody's business", () => {
  const full = {
    ...MINIMAL,
    deviceName: "냉동고 3",
    severity: "critical",
    status: "resolved",
    type: "TEMPERATURE_HIGH",
    value: -3.5,
    threshold: 0,
    unit: "°C",
    occurredAt: "2026-11-21T00:00:12.345+09:00",
    alertId: "x-1",
    labels: { site: "busan-2" },
  };
  const value = { ...full, schema: 7, nested: { deviceId: 1 } };
  assert.deepEqual(told(value, "d1"), {
    kind: "alert",
    deviceId: "d1",
    severity: "critical",
    status: "resolved",
    type: "TEMPERATURE_HIGH",
    occurredAt: "2026-11-21T00:00:12.345+09:00",
    repairs: [],
  });
  assert.deepEqual(codec.parse(bytes(value)), full);
});

test("an optional field may be null, which means absent", () => {
  const fields = [
    "deviceName",
    "severity",
    "status",
    "type",
    "value",
    "threshold",
    "unit",
    "occurredAt",
    "alertId",
    "labels",
  ];
  const nulls = { ...MINIMAL, ...Object.fromEntries(fields.map((field) => [field, null])) };
  assert.deepEqual(told(nulls), told(MINIMAL));
  assert.deepEqual(codec.parse(bytes(nulls)), codec.parse(bytes(MINIMAL)));
});

test("a message may say anything; it is text, not markup and not a header", () => {
  for (const message of ["<b>&amp;", "a\r\nBcc: x@y", "\u0000\u202e", "👩‍🚒"]) {
    assert.equal(verdict({ ...MINIMAL, message }), "alert");
    assert.equal(codec.parse(bytes({ ...MINIMAL, message })).message, message);
  }
});

test("a device ID has at most 256 characters: code points, not UTF-16 units, not bytes", () => {
  for (const character of ["a", "é", "한", "😀"]) {
    const [longest, tooLong] = [character.repeat(256), character.repeat(257)];
    assert.equal(verdict({ ...MINIMAL, deviceId: longest }, longest), "alert", character);
    assert.equal(verdict({ ...MINIMAL, deviceId: tooLong }, tooLong), "not-an-alert", character);
  }
});

test("where the ID is blank the key names the device, as where there is none", () => {
  for (const blank of ["", " ", "\u00a0\t", "\u3000"]) {
    const decoded = decode({ ...MINIMAL, deviceId: blank }, "pump-2");
    assert.ok(decoded.kind === "alert", blank);
    assert.deepEqual([decoded.deviceId, decoded.repairs], ["pump-2", ["deviceId"]]);
    assert.equal(codec.parse(decoded.bytes).deviceId, "pump-2");
  }
});

test("the key is the device ID in UTF-8, or there is none", () => {
  assert.equal(verdict({ ...MINIMAL, deviceId: "한" }, "한"), "alert");
  assert.equal(verdict(MINIMAL, null), "alert");
  for (const key of ["d2", "", "d1 ", "D1", Buffer.from([0x64, 0x31, 0xff]), Buffer.alloc(5000, 0x64)]) {
    assert.equal(verdict(MINIMAL, key), "key-mismatch");
  }
  // What cannot be decoded becomes U+FFFD: that is not the same as being U+FFFD.
  assert.equal(verdict({ ...MINIMAL, deviceId: "\ufffd" }, Buffer.from([0xff])), "key-mismatch");
  assert.equal(verdict({ ...MINIMAL, deviceId: "\ufffd" }, "\ufffd"), "alert");
});

test("a value of 1 MiB is read, one of a byte more is not", () => {
  const frame = JSON.stringify({ ...MINIMAL, message: "" }).length;
  const message = "x".repeat(MAX_VALUE_BYTES - frame);
  const largest = bytes({ ...MINIMAL, message });
  assert.equal(largest.length, 1_048_576);
  assert.equal(verdict(largest), "alert");
  assert.equal(codec.parse(largest).message.length, message.length);
  assert.equal(verdict(bytes({ ...MINIMAL, message: `${message}x` })), "too-large");
});

test("what is no UTF-8, no JSON or no object is told apart", () => {
  const badUtf8 = Buffer.concat([bytes('{"deviceId":"d1","message":"'), Buffer.from([0xc3, 0x28]), bytes('"}')]);
  assert.equal(verdict(badUtf8), "not-utf8");
  assert.equal(verdict(Buffer.from([0xed, 0xa0, 0x80])), "not-utf8", "a surrogate is not UTF-8");
  assert.equal(verdict(Buffer.from(JSON.stringify(MINIMAL), "utf16le")), "not-json");
  for (const text of ["", " ", "{", "nope", '{"deviceId":"d1",}', "[".repeat(100_000)]) {
    assert.equal(verdict(text), "not-json", text.slice(0, 20));
  }
  for (const text of ["null", "1", "NaN", '"text"', "true", "[]", `[${JSON.stringify(MINIMAL)}]`]) {
    assert.equal(verdict(text), "not-an-alert", text);
  }
});

test("a field repeated, or named like a member of every object, does no harm", () => {
  assert.deepEqual(
    told('{"deviceId":"a","deviceId":"d1","message":"m","__proto__":{"severity":"fatal"},"constructor":1}'),
    told(MINIMAL),
  );
  const labels = codec.parse(bytes('{"deviceId":"d1","message":"m","labels":{"__proto__":"x","toString":"y"}}')).labels;
  assert.deepEqual(Object.entries(labels ?? {}), [
    ["__proto__", "x"],
    ["toString", "y"],
  ]);
  assert.equal(({} as { severity?: string }).severity, undefined);
});

test("a record that is no alert says how bad it is all the same, by the words that alerts have for it", () => {
  const mapped = createAlertCodec({ key: "device", severities: new Map([["p1", "critical"]]) });
  const severityOf = (severity: unknown) => {
    const decoded = mapped.decode({ key: Buffer.from("other"), value: bytes({ ...MINIMAL, severity }) });
    return decoded.kind === "unreadable" ? [decoded.reason, decoded.severity] : decoded.kind;
  };
  for (const word of ["critical", "Fatal", "긴급", "p1"])
    assert.deepEqual(severityOf(word), ["key-mismatch", "critical"]);
  assert.deepEqual(severityOf("참고"), ["key-mismatch", "info"]);
  for (const word of ["unheard of", "", null, undefined, {}]) {
    assert.deepEqual(severityOf(word), ["key-mismatch", undefined]);
  }
});

test("what is said of a bad record is short, however large the record", () => {
  const long = "x".repeat(500_000);
  for (const [value, key] of [
    [{ ...MINIMAL, deviceId: long }, long],
    [{ ...MINIMAL, deviceId: [long] }, null],
    [MINIMAL, long],
    [long, null],
    [`{"a":"${long}`, null],
  ] as const) {
    const decoded = decode(value, key);
    assert.ok(decoded.kind === "unreadable" && decoded.detail.length <= 400, decoded.kind);
  }
});

test("a value is read where it lies, also from the middle of a larger buffer, and where only its place is told", () => {
  const value = bytes(MINIMAL);
  const fetch = Buffer.concat([Buffer.from("}{"), value, Buffer.from("}{")]);
  const slice = fetch.subarray(2, 2 + value.length);
  assert.equal(verdict(slice), "alert");
  assert.equal(codec.parse(new Uint8Array(fetch.buffer, fetch.byteOffset + 2, value.length)).message, MINIMAL.message);
  const record = {
    key: null,
    value: Buffer.from("not asked for"),
    place: { memory: fetch, from: 2, to: 2 + value.length, keyFrom: 0, keyTo: -1 },
  };
  const decoded = codec.decode(record);
  assert.ok(decoded.kind === "alert");
  assert.deepEqual([decoded.deviceId, decoded.bytes.toString()], ["d1", value.toString()]);
  const { place } = record;
  const large = { ...record, place: { ...place, to: place.from + MAX_VALUE_BYTES + 1 } };
  assert.equal(codec.decode(large).kind, "unreadable");
});

test("a key is compared where it lies, before the value in the memory of the fetch", () => {
  const value = bytes(MINIMAL);
  const decodeKeyed = (key: string) => {
    const memory = Buffer.concat([Buffer.from(key), value]);
    const place = { memory, from: memory.length - value.length, to: memory.length, keyFrom: 0, keyTo: key.length };
    return codec.decode({ key: Buffer.from(key), value, place });
  };
  const decoded = decodeKeyed("d1");
  assert.ok(decoded.kind === "alert");
  assert.equal(Buffer.from(bytesOf(decoded.device)).toString(), "d1");
  for (const other of ["d2", "d", "d11", ""]) assert.equal(decodeKeyed(other).kind, "unreadable", other);
});

test("of an alert that names its device first the rest is kept, and read again as all of it; another one is kept as it stands", () => {
  const kept = (value: string): string => {
    const decoded = decode(value);
    assert.ok(decoded.kind === "alert");
    const { written, deviceId, bytes: whole } = decoded;
    assert.equal(whole.toString(), value, "what others are told is all of it");
    assert.ok(written !== undefined);
    const rest = Buffer.from(written.memory.slice(written.from, written.to));
    assert.deepEqual(codec.parse(rest, deviceId), codec.parse(whole));
    assert.equal(codec.parse(rest).severity, codec.parse(whole).severity, "also where nobody asks whose it is");
    return rest.toString();
  };
  assert.equal(
    kept('{"deviceId":"펌프 1","message":"hot","severity":"critical"}'),
    ',"message":"hot","severity":"critical"}',
  );
  assert.equal(
    kept('{"deviceId":"d","message":"hot","labels":{"deviceId":"other"}}'),
    ',"message":"hot","labels":{"deviceId":"other"}}',
  );
  for (const asItStands of [
    '{"message":"hot","deviceId":"d"}',
    '{ "deviceId":"d","message":"hot"}',
    ' {"deviceId":"d","message":"hot"}',
    '{"deviceId":"d" ,"message":"hot"}',
    '{"deviceId": "d","message":"hot"}',
  ])
    assert.equal(kept(asItStands), asItStands);
});
