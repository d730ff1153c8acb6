import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Alert } from "#src/core/alert.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { withExactNumbers } from "#src/formats/json-tokens.js";
import { DEFAULT_RULES, type ReadingRules } from "#src/formats/read-alert.js";

const alertOf = (json: string | Buffer, key: string | null = "d1", rules: ReadingRules = DEFAULT_RULES): Alert => {
  const codec = createAlertCodec(rules);
  const record = { key: key === null ? null : Buffer.from(key), value: Buffer.from(json as string) };
  const decoded = codec.decode(record);
  assert.ok(decoded.kind === "alert", JSON.stringify(decoded));
  const alert = codec.parse(decoded.bytes);
  // What the core was told is what the mail will say.
  const { deviceId, severity, status, type, occurredAt } = decoded;
  assert.deepEqual({ deviceId, severity, status, type, occurredAt }, pick(alert));
  return alert;
};

const pick = ({ deviceId, severity, status, type, occurredAt }: Alert) => ({
  ...{ deviceId, severity, status, type },
  occurredAt,
});

describe("JSON as producers write it", () => {
  it("is read behind a byte order mark, and once out of a JSON string", () => {
    const json = '{"deviceId":"d1","message":"뜨겁다"}';
    for (const written of [`\ufeff${json}`, JSON.stringify(json), `\ufeff${JSON.stringify(json)}`])
      assert.equal(alertOf(written).message, "뜨겁다");
    const twice = createAlertCodec().decode({ key: null, value: Buffer.from(JSON.stringify(JSON.stringify(json))) });
    assert.ok(twice.kind === "unreadable" && twice.reason === "not-an-alert");
  });

  it("may have bare NaN and Infinity, which are shown", () => {
    const { value, threshold, labels } = alertOf(
      '{"deviceId":"d1","message":"NaN, -Infinity","value":NaN,"threshold":-Infinity,"labels":{"a":[Infinity]}}',
    );
    assert.deepEqual([value, threshold, labels], [undefined, undefined, { a: '["Infinity"]' }]);
    const { asWritten, message } = alertOf('{"deviceId":"d1","message":"NaN, -Infinity","value":NaN}');
    assert.deepEqual([{ ...asWritten }, message], [{ value: "NaN" }, "NaN, -Infinity"]);
  });

  it("may have numbers that no JavaScript number holds: not a digit of them changes", () => {
    const big = "12345678901234567890123";
    const alert = alertOf(
      `{"deviceId":${big},"message":${big},"type":${big},"value":${big},"threshold":1e400,"alertId":-${big},"labels":{"n":${big}}}`,
      big,
    );
    assert.deepEqual(
      [alert.deviceId, alert.message, alert.type, alert.alertId, alert.labels?.["n"], { ...alert.asWritten }],
      [big, big, big, `-${big}`, big, { value: big, threshold: "1e400" }],
    );
  });

  it("may have a value that is another whole number in JavaScript, and otherwise be as documented", () => {
    for (const big of ["12345678901234567890", "-9007199254740993", "9007199254740993"]) {
      const value = Buffer.from(`{"deviceId":"d1","message":"m","value":${big}}`);
      const decoded = createAlertCodec().decode({ key: null, value });
      assert.ok(decoded.kind === "alert");
      assert.deepEqual([decoded.repairs, decoded.asWritten], [["value"], { value: big }]);
      assert.equal(alertOf(value).value, undefined);
    }
    assert.equal(alertOf('{"deviceId":"d1","message":"m","value":9007199254740991}').value, 9007199254740991);
  });

  it("is still no JSON where it is none, in the words of what was written", () => {
    for (const text of ["", "{", "nope", "NaN NaN", '{"a":1e400,}', '{"a":NaNs}', `{"a":"${"x".repeat(20)}`]) {
      const decoded = createAlertCodec().decode({ key: null, value: Buffer.from(text) });
      assert.ok(decoded.kind === "unreadable" && decoded.reason === "not-json", text);
      assert.ok(!decoded.detail.includes('\\"NaN'), decoded.detail);
    }
  });
});

describe("numbers of a JSON text", () => {
  it("are left alone where JavaScript holds them, and within strings", () => {
    const json = fc.json({ noUnicodeString: false });
    fc.assert(
      fc.property(json, (text) => {
        fc.pre(!/(?<![.\d])\d{16}/.test(text));
        // Behind something that is to be done, every token is looked at.
        assert.deepEqual(JSON.parse(withExactNumbers(`[NaN,${text}]`)), ["NaN", JSON.parse(text)]);
      }),
    );
    const quoted = JSON.stringify({ a: 'NaN "12345678901234567890" \\', b: "1e999", "NaN\\": 1 });
    assert.equal(withExactNumbers(quoted), quoted);
    const held = "[9007199254740991,1e21,1234567890.1234567890123,1e-400]";
    assert.equal(withExactNumbers(held), held);
  });

  it("become texts where it does not, wherever they stand", () => {
    assert.equal(
      withExactNumbers('{"a":[9007199254740993,-1e999 ,NaN],"b\\"":-Infinity}'),
      '{"a":["9007199254740993","-1e999" ,"NaN"],"b\\"":"-Infinity"}',
    );
  });
});

const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    ...[
      "CRITICAL",
      "심각",
      "NaN",
      "1e400",
      "--",
      "41.5",
      " ",
      "=1+1",
      "\u0000\u202e",
      "</td><script>",
      "a\r\nBcc: x@y",
    ],
    ...["2026-11-21 00:00:12", "9007199254740993", Number.MAX_VALUE, 1_790_000_000, [2026, 11, 21, 0, 0], null],
  ),
);
const others = fc.record({
  ...{ deviceName: anything, severity: anything, status: anything, type: anything, value: anything },
  ...{ threshold: anything, unit: anything, occurredAt: anything, alertId: anything },
  labels: fc.oneof(anything, fc.dictionary(fc.string(), anything)),
  else: anything,
});
const device = fc.oneof(fc.string({ minLength: 1, maxLength: 256 }), fc.integer());
const message = fc.oneof(
  fc.string().filter((text) => text.trim() !== ""),
  fc.integer(),
  fc.boolean(),
);

describe("any JSON object with a device and a message", () => {
  it("is an alert, whatever stands in the other fields", () => {
    fc.assert(
      fc.property(device, message, others, (deviceId, text, fields) => {
        const alert = alertOf(JSON.stringify({ ...fields, deviceId, message: text }), String(deviceId));
        assert.deepEqual([alert.deviceId, alert.message], [String(deviceId), String(text)]);
      }),
      { numRuns: 500 },
    );
  });

  it("is the same alert when its own form is read again, with the upstream's own words too", () => {
    const severities = new Map([
      ["critical", "info"],
      ["info", "warning"],
      ["심각", "critical"],
    ] as const);
    fc.assert(
      fc.property(message, others, fc.boolean(), (text, fields, own) => {
        const codec = createAlertCodec(own ? { key: "device", severities } : DEFAULT_RULES);
        // The key names the device, so the record's own bytes do not do.
        const value = Buffer.from(JSON.stringify({ ...fields, message: text }));
        const decoded = codec.decode({ key: Buffer.from("d1"), value });
        assert.ok(decoded.kind === "alert");
        const again = codec.decode({ key: null, value: decoded.bytes });
        assert.ok(again.kind === "alert");
        assert.deepEqual(codec.parse(again.bytes), codec.parse(decoded.bytes));
        const direct = codec.decode({
          key: null,
          value: Buffer.from(JSON.stringify({ ...fields, message: text, deviceId: "d1" })),
        });
        assert.ok(direct.kind === "alert");
        assert.deepEqual(codec.parse(direct.bytes), codec.parse(decoded.bytes));
      }),
      { numRuns: 500 },
    );
  });
});
