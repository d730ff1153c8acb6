import assert from "node:assert/strict";
import { test } from "node:test";
import { alertCodec, MAX_VALUE_BYTES } from "#src/kafka/decode.js";

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const MINIMAL = { deviceId: "d1", message: "Too hot" };
const decode = (value: unknown, key: Buffer | string | null = null) =>
  alertCodec.decode(typeof key === "string" ? Buffer.from(key) : key, Buffer.isBuffer(value) ? value : bytes(value));

/** The reason why a value cannot be read, or "ok". */
const verdict = (value: unknown, key?: Buffer | string | null): string => {
  const decoded = decode(value, key);
  return decoded.ok ? "ok" : decoded.reason;
};

test("device ID and message are enough; what is absent has its default", () => {
  assert.deepEqual(decode(MINIMAL), {
    ok: true,
    deviceId: "d1",
    severity: "warning",
    status: "firing",
    type: undefined,
    occurredAt: undefined,
  });
  const { severity, status, ...rest } = alertCodec.parse(bytes(MINIMAL));
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
  assert.deepEqual(decode(value, "d1"), {
    ok: true,
    deviceId: "d1",
    severity: "critical",
    status: "resolved",
    type: "TEMPERATURE_HIGH",
    occurredAt: "2026-11-21T00:00:12.345+09:00",
  });
  assert.deepEqual(alertCodec.parse(bytes(value)), full);
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
  assert.deepEqual(decode(nulls), decode(MINIMAL));
  assert.deepEqual(alertCodec.parse(bytes(nulls)), alertCodec.parse(bytes(MINIMAL)));
});

test("each field is held to its type", () => {
  const wrong: readonly (readonly [field: string, values: readonly unknown[]])[] = [
    ["deviceId", [undefined, null, 1, "", [], {}]],
    ["message", [undefined, null, 1, true, []]],
    ["deviceName", [1, true, {}]],
    ["severity", ["", "CRITICAL", "fatal", 1, {}, ["info"], "__proto__"]],
    ["status", ["", "Firing", "ok", 0]],
    ["type", [1, ["A"]]],
    ["value", ["1", true, {}]],
    ["threshold", ["1", []]],
    ["unit", [1, {}]],
    [
      "occurredAt",
      [
        "",
        "yesterday",
        "21.11.2026",
        "2026-99-99",
        "2026-11-21T25:00:00Z",
        1_790_000_000_000,
        "2026-11-21T",
        "2026-11-21T00:00:00 Z",
      ],
    ],
    ["alertId", [7]],
    ["labels", ["a=b", ["a"], { a: 1 }, { a: null }, { a: { b: "c" } }]],
  ];
  for (const [field, values] of wrong) {
    for (const value of values) {
      const decoded = decode({ ...MINIMAL, [field]: value });
      assert.ok(!decoded.ok && decoded.reason === "not-an-alert", `${field}: ${JSON.stringify(value)}`);
      assert.ok(decoded.detail.includes(field), `${field} is named in: ${decoded.detail}`);
    }
  }
});

test("occurredAt is a date, or a date and a time, with or without an offset", () => {
  for (const time of [
    "2026-11-21",
    "2026-11-21T09:30",
    "2026-11-21T09:30:12",
    "2026-11-21T09:30:12Z",
    "2026-11-21T09:30:12.123456Z",
    "2026-11-21T09:30:12,5+09",
    "2026-11-21T09:30:12-0330",
  ]) {
    assert.equal(verdict({ ...MINIMAL, occurredAt: time }), "ok", time);
  }
});

test("a message may be empty and may say anything; it is text, not markup and not a header", () => {
  for (const message of ["", "<b>&amp;", "a\r\nBcc: x@y", "\u0000\u202e", "👩‍🚒"]) {
    assert.equal(verdict({ ...MINIMAL, message }), "ok");
    assert.equal(alertCodec.parse(bytes({ ...MINIMAL, message })).message, message);
  }
});

test("a device ID has at most 256 characters: code points, not UTF-16 units, not bytes", () => {
  for (const character of ["a", "é", "한", "😀"]) {
    const [longest, tooLong] = [character.repeat(256), character.repeat(257)];
    assert.equal(verdict({ ...MINIMAL, deviceId: longest }, longest), "ok", character);
    assert.equal(verdict({ ...MINIMAL, deviceId: tooLong }, tooLong), "not-an-alert", character);
  }
});

test("the key is the device ID in UTF-8, or there is none", () => {
  assert.equal(verdict({ ...MINIMAL, deviceId: "한" }, "한"), "ok");
  assert.equal(verdict(MINIMAL, null), "ok");
  for (const key of ["d2", "", "d1 ", "D1", Buffer.from([0x64, 0x31, 0xff]), Buffer.alloc(5000, 0x64)]) {
    assert.equal(verdict(MINIMAL, key), "key-mismatch");
  }
  // What cannot be decoded becomes U+FFFD: that is not the same as being U+FFFD.
  assert.equal(verdict({ ...MINIMAL, deviceId: "\ufffd" }, Buffer.from([0xff])), "key-mismatch");
  assert.equal(verdict({ ...MINIMAL, deviceId: "\ufffd" }, "\ufffd"), "ok");
});

test("a value of 1 MiB is read, one of a byte more is not", () => {
  const frame = JSON.stringify({ ...MINIMAL, message: "" }).length;
  const message = "x".repeat(MAX_VALUE_BYTES - frame);
  const largest = bytes({ ...MINIMAL, message });
  assert.equal(largest.length, 1_048_576);
  assert.equal(verdict(largest), "ok");
  assert.equal(alertCodec.parse(largest).message.length, message.length);
  assert.equal(verdict(bytes({ ...MINIMAL, message: `${message}x` })), "too-large");
});

test("what is no UTF-8, no JSON or no object is told apart", () => {
  const badUtf8 = Buffer.concat([bytes('{"deviceId":"d1","message":"'), Buffer.from([0xc3, 0x28]), bytes('"}')]);
  assert.equal(verdict(badUtf8), "not-utf8");
  assert.equal(verdict(Buffer.from([0xed, 0xa0, 0x80])), "not-utf8", "a surrogate is not UTF-8");
  assert.equal(verdict(Buffer.from(JSON.stringify(MINIMAL), "utf16le")), "not-json");
  for (const text of [
    "",
    " ",
    "{",
    "nope",
    '{"deviceId":"d1",}',
    "NaN",
    `\ufeff${JSON.stringify(MINIMAL)}`,
    "[".repeat(100_000),
  ]) {
    assert.equal(verdict(text), "not-json", text.slice(0, 20));
  }
  for (const text of ["null", "1", '"text"', "true", "[]", `[${JSON.stringify(MINIMAL)}]`]) {
    assert.equal(verdict(text), "not-an-alert", text);
  }
});

test("a field repeated, or named like a member of every object, does no harm", () => {
  assert.deepEqual(
    decode('{"deviceId":"a","deviceId":"d1","message":"m","__proto__":{"severity":"fatal"},"constructor":1}'),
    decode(MINIMAL),
  );
  const labels = alertCodec.parse(
    bytes('{"deviceId":"d1","message":"m","labels":{"__proto__":"x","toString":"y"}}'),
  ).labels;
  assert.deepEqual(Object.entries(labels ?? {}), [
    ["__proto__", "x"],
    ["toString", "y"],
  ]);
  assert.equal(({} as { severity?: string }).severity, undefined);
});

test("what is said of a bad record is short, however large the record", () => {
  const long = "x".repeat(500_000);
  for (const [value, key] of [
    [{ ...MINIMAL, labels: { [long]: 1 } }, null],
    [{ ...MINIMAL, deviceId: long }, long],
    [{ ...MINIMAL, severity: long }, null],
    [{ ...MINIMAL, severity: long }, "d1"],
    [MINIMAL, long],
    [long, null],
    [`{"a":"${long}`, null],
    [{ ...MINIMAL, occurredAt: [long] }, null],
  ] as const) {
    const decoded = decode(value, key);
    assert.ok(!decoded.ok && decoded.detail.length <= 400, `${decoded.ok ? "ok" : decoded.detail.length}`);
  }
});

test("a value is read where it lies, also from the middle of a larger buffer", () => {
  const value = bytes(MINIMAL);
  const fetch = Buffer.concat([Buffer.from("}{"), value, Buffer.from("}{")]);
  const slice = fetch.subarray(2, 2 + value.length);
  assert.equal(verdict(slice), "ok");
  assert.equal(
    alertCodec.parse(new Uint8Array(fetch.buffer, fetch.byteOffset + 2, value.length)).message,
    MINIMAL.message,
  );
});

test("a number beyond what a number can be is none: its mail would say Infinity", () => {
  const value = Buffer.from('{"deviceId":"boiler","message":"hot","value":1e999}');
  const decoded = alertCodec.decode(null, value);
  assert.equal(decoded.ok ? "ok" : decoded.reason, "not-an-alert");
});
