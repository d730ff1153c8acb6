import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Alert, occurredMs } from "#src/core/alert.js";
import { createAlertCodec } from "#src/formats/codec.js";
import { type AlertFields, DEFAULT_RULES, type ReadingRules, readAlert } from "#src/formats/read-alert.js";
import { keyOf } from "#src/formats/record-key.js";

const read = (fields: AlertFields | object, key?: string, rules: Partial<ReadingRules> = {}) => {
  const source = { deviceId: "d1", message: "Too hot", ...fields };
  return readAlert(source, key === undefined ? undefined : keyOf(Buffer.from(key)), { ...DEFAULT_RULES, ...rules });
};

const alertOf = (...args: Parameters<typeof read>): Alert => {
  const reading = read(...args);
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.alert;
};

/** Field of the alert, what was repaired, and what is shown as written. */
const outcome = (field: keyof Alert, written: unknown, rules?: Partial<ReadingRules>) => {
  const reading = read({ [field]: written }, undefined, rules);
  assert.ok(reading.ok, `${field}: ${String(written)}`);
  return [reading.alert[field], [...reading.repairs], { ...reading.alert.asWritten }] as const;
};

const isKind = (field: keyof Alert, written: unknown, expected: unknown): void =>
  assert.deepEqual(outcome(field, written), [expected, [field], {}], `${field}: ${String(written)}`);

const isAbsent = (field: keyof Alert, written: unknown, expected?: unknown): void =>
  assert.deepEqual(outcome(field, written), [expected, [], {}], `${field}: ${String(written)}`);

const isShown = (field: keyof Alert, written: unknown, expected: unknown, shown: string): void =>
  assert.deepEqual(outcome(field, written), [expected, [field], { [field]: shown }], `${field}: ${String(written)}`);

describe("the device of an alert", () => {
  it("is a number by its decimal text, which the key may have in quotes", () => {
    isKind("deviceId", 7, "7");
    isKind("deviceId", 12345678901234567890n, "12345678901234567890");
    assert.equal(alertOf({ deviceId: 7 }, "7").deviceId, "7");
    assert.equal(alertOf({ deviceId: "d1" }, '"d1"').deviceId, "d1");
    assert.equal(alertOf({ deviceId: '"d1"' }, '"d1"').deviceId, '"d1"', "it may have quotes itself");
  });

  it("is the key where the record does not name it", () => {
    for (const absent of [undefined, null, "", "  ", "\u3000"]) {
      assert.equal(alertOf({ deviceId: absent }, "pump-2").deviceId, "pump-2");
      assert.equal(alertOf({ deviceId: absent }, '"pump-2"').deviceId, "pump-2");
    }
    for (const absent of [undefined, null, ""]) {
      assert.equal(read({ deviceId: absent }).ok, false);
      assert.equal(read({ deviceId: absent }, "").ok, false);
    }
    const reading = readAlert({ message: "m" }, keyOf(Buffer.from([0xff])), DEFAULT_RULES);
    assert.ok(!reading.ok && reading.detail === "there is no deviceId, and the key is not valid UTF-8");
  });

  it("is its blanks where neither the record nor the key has more: somebody is mailed of it", () => {
    for (const key of [undefined, "  "]) assert.equal(alertOf({ deviceId: "  " }, key).deviceId, "  ");
  });

  it("is none where it is something else: the record is a dead letter, and says why", () => {
    for (const [written, said] of [
      [true, "boolean true"],
      [{}, "an object"],
      [["d1"], "an array"],
    ] as const) {
      const reading = read({ deviceId: written }, "d1");
      assert.ok(!reading.ok && reading.detail.includes(said), said);
    }
  });

  it("and the key differ only where that is allowed", () => {
    const reading = read({}, "site-1");
    assert.ok(!reading.ok && reading.reason === "key-mismatch" && reading.detail.includes("KAFKA_KEY=any"));
    assert.equal(alertOf({}, "site-1", { key: "any" }).deviceId, "d1");
    assert.equal(alertOf({ deviceId: null }, "site-1", { key: "any" }).deviceId, "site-1");
  });
});

describe("the message of an alert", () => {
  it("is the text of whatever it is", () => {
    isKind("message", 42, "42");
    isKind("message", false, "false");
    isKind("message", { code: 7 }, '{"code":7}');
  });

  it("is the type where it is absent or blank, and an alert with neither is a dead letter", () => {
    for (const message of [undefined, null, "", " \u3000"]) {
      assert.equal(alertOf({ message, type: "DOOR_OPEN" }).message, "DOOR_OPEN");
      for (const type of [undefined, null, " "]) {
        const reading = read({ message, type });
        assert.ok(!reading.ok && reading.detail === "there is neither a message nor a type");
      }
    }
    assert.deepEqual((read({ message: null, type: "A" }) as { repairs: unknown }).repairs, ["message"]);
  });
});

describe("texts of an alert", () => {
  for (const field of ["deviceName", "type", "unit", "alertId"] as const) {
    it(`${field}: anything is some text, and blank is absent`, () => {
      isAbsent(field, "A-1", "A-1");
      for (const blank of [undefined, null, "", "  ", "\u00a0"]) isAbsent(field, blank);
      isKind(field, 7, "7");
      isKind(field, 9007199254740993n, "9007199254740993");
      isKind(field, true, "true");
      isKind(field, ["a", 1], '["a",1]');
      isKind(field, Buffer.from("온도"), "온도");
      isKind(field, Buffer.from([0xff, 0x01]), "0xff01");
    });
  }
});

describe("the severity of an alert", () => {
  const words: Readonly<Record<string, string>> = {
    critical:
      "CRITICAL Critical crit fatal emergency EMERG alert major high severe error err 심각 긴급 위험 치명 치명적 중대 장애 높음 비상 주요",
    warning: "WARNING warn minor medium Moderate 경고 주의 경미 보통 중간",
    info: "INFO low notice informational information debug ok normal 정보 안내 알림 정상 일반 낮음 참고",
  };

  for (const [severity, written] of Object.entries(words)) {
    it(`is ${severity} by ${written}`, () => {
      isAbsent("severity", severity, severity);
      for (const word of written.split(" ")) {
        isKind("severity", word, severity);
        isKind("severity", ` ${word}\n`, severity);
        if (word !== word.normalize("NFD")) isKind("severity", word.normalize("NFD"), severity);
      }
    });
  }

  it("is a warning where it is absent", () => {
    for (const absent of [undefined, null, "", " "]) isAbsent("severity", absent, "warning");
  });

  it("is a warning, shown as written, where nobody knows the word", () => {
    isShown("severity", "SPAM", "warning", "SPAM");
    isShown("severity", "__proto__", "warning", "__proto__");
    isShown("severity", 3, "warning", "3");
    isShown("severity", { level: "critical" }, "warning", '{"level":"critical"}');
    const [, , { severity: cut }] = outcome("severity", "x".repeat(5_000));
    assert.equal(cut, `${"x".repeat(199)}…`);
  });

  it("follows the upstream's own words first, also those of the documents, and does not count them", () => {
    const severities = new Map([
      ["p1", "critical"],
      ["3", "info"],
      ["error", "warning"],
      ["critical", "info"],
    ] as const);
    for (const [written, severity] of [
      ["P1 ", "critical"],
      [3, "info"],
      ["ERROR", "warning"],
      ["critical", "info"],
      ["warning", "warning"],
    ])
      assert.deepEqual(outcome("severity", written, { severities }), [severity, [], {}]);
    assert.deepEqual(outcome("severity", "fatal", { severities }), ["critical", ["severity"], {}]);
  });
});

describe("the status of an alert", () => {
  it("is resolved by every word for it", () => {
    isAbsent("status", "resolved", "resolved");
    const words =
      "RESOLVED cleared CLEARED_ACK cleared_unack ok Closed normal recovered inactive END 해제 해제됨 복구 복구됨 해소 정상 종료 해결 해결됨";
    for (const word of words.split(" ")) isKind("status", word, "resolved");
    isKind("status", "복구".normalize("NFD"), "resolved");
  });

  it("is firing otherwise, shown as written where nobody knows the word", () => {
    isAbsent("status", "firing", "firing");
    for (const absent of [undefined, null, ""]) isAbsent("status", absent, "firing");
    isKind("status", "FIRING", "firing");
    isShown("status", "open", "firing", "open");
    isShown("status", false, "firing", "false");
  });
});

describe("value and threshold of an alert", () => {
  for (const field of ["value", "threshold"] as const) {
    it(`${field}: a number, or the text of one`, () => {
      for (const value of [0, -3.5, 2 ** 53 - 1]) isAbsent(field, value, value);
      for (const absent of [undefined, null, "", " "]) isAbsent(field, absent);
      isKind(field, "41.5", 41.5);
      isKind(field, " +4.15e1 ", 41.5);
      isKind(field, ".5", 0.5);
      isKind(field, 7n, 7);
    });

    it(`${field}: anything else is shown as it is and never compared`, () => {
      for (const [written, shown] of [
        ["--", "--"],
        ["41,5", "41,5"],
        ["NaN", "NaN"],
        [Number.NaN, "NaN"],
        [Number.NEGATIVE_INFINITY, "-Infinity"],
        ["1e400", "1e400"],
        ["0x1F", "0x1F"],
        ["9007199254740993", "9007199254740993"],
        [9007199254740993n, "9007199254740993"],
        [true, "true"],
        [[41.5], "[41.5]"],
      ] as const)
        isShown(field, written, undefined, shown);
    });
  }
});

describe("the time at which a device saw an alert", () => {
  const at = "2026-11-21T00:00:12";

  it("is ISO 8601 with an offset, or with a blank for T, in any case", () => {
    for (const documented of [
      `${at}Z`,
      `${at}.123456+09:00`,
      `${at},5+09`,
      `${at}-0330`,
      "2026-11-21T00:00Z",
      "2026-11-21T24:00Z",
      "2026-11-21T24:00:00,000-03",
      "2026-12-31T23:59:60Z",
      "2027-01-01T08:59:60.25+2359",
    ]) {
      isAbsent("occurredAt", documented, documented);
      assert.notEqual(occurredMs(documented), undefined, documented);
    }
    for (const last of ["2024-02-29T07:00:00Z", "2026-10-31T07:00:00+09:00"]) isAbsent("occurredAt", last, last);
    isKind("occurredAt", "2026-11-21 00:00:12Z", `${at}Z`);
    isKind("occurredAt", " 2026-11-21 00:00:12 +0900", `${at}+0900`);
    isKind("occurredAt", "2026-11-21t00:00:12z", `${at}Z`);
    isKind("occurredAt", `${at}+09:00[Asia/Seoul]`, `${at}+09:00`);
    isKind("occurredAt", `${at}.5Z[UTC]`, `${at}.5Z`);
    isKind("occurredAt", "20261121T000012Z", `${at}Z`);
    isKind("occurredAt", "20261121T000012.5+0900", `${at}.5+0900`);
    isKind("occurredAt", "20261121T0000", "2026-11-21T00:00:00");
  });

  it("stays without an offset where it has none", () => {
    isKind("occurredAt", at, at);
    isKind("occurredAt", "2026-11-21 00:00:12.5", `${at}.5`);
    isKind("occurredAt", "2026-11-21", "2026-11-21");
    isKind("occurredAt", [2026, 11, 21, 0, 0, 12, 500_000_000], `${at}.5`);
    isKind("occurredAt", [2026, 11, 21, 0, 0], "2026-11-21T00:00:00");
  });

  it("is what an epoch's number says, whatever its unit, as number or text", () => {
    const ms = Date.parse(`${at}.345Z`);
    for (const written of [
      ms,
      String(ms),
      ms / 1000,
      (ms / 1000).toFixed(9),
      ms * 1000,
      `${ms}000`,
      BigInt(ms) * 1_000_000n,
      `${ms}000000`,
    ])
      isKind("occurredAt", written, `${at}.345Z`);
    isKind("occurredAt", Math.floor(ms / 1000), `${at}.000Z`);
    isKind("occurredAt", 0, "1970-01-01T00:00:00.000Z");
  });

  it("is shown as written where it is no time", () => {
    for (const [written, shown] of [
      ["yesterday", "yesterday"],
      ["21.11.2026", "21.11.2026"],
      ["2026-99-99", "2026-99-99"],
      ["2026-11-21T25:00:00Z", "2026-11-21T25:00:00Z"],
      ["2026-11-21T24:30:00Z", "2026-11-21T24:30:00Z"],
      ["2026-11-21T24:00:01+09:00", "2026-11-21T24:00:01+09:00"],
      ["2026-11-21 24:00:00.5Z", "2026-11-21 24:00:00.5Z"],
      ["2026-11-21T07:00:00+25:00", "2026-11-21T07:00:00+25:00"],
      ["2026-11-21T07:00:00-09:60", "2026-11-21T07:00:00-09:60"],
      ["2026-02-30T07:00:00Z", "2026-02-30T07:00:00Z"],
      ["2026-02-29", "2026-02-29"],
      ["2026-11-31 07:00:00", "2026-11-31 07:00:00"],
      [[2026, 2, 29, 7, 0], "[2026,2,29,7,0]"],
      ["20261121000012", "20261121000012"],
      [20261121, "20261121"],
      [1e300, "1e+300"],
      [Number.NaN, "NaN"],
      [[2026, 13, 1, 0, 0], "[2026,13,1,0,0]"],
      [[2026, 11, 21, 0, 0, 12, -1], "[2026,11,21,0,0,12,-1]"],
      [{ seconds: 1 }, '{"seconds":1}'],
      [true, "true"],
    ] as const)
      isShown("occurredAt", written, undefined, shown);
    for (const absent of [undefined, null, "", " "]) isAbsent("occurredAt", absent);
  });
});

describe("the labels of an alert", () => {
  it("are texts, and what is none becomes one", () => {
    isAbsent("labels", { site: "busan-2" }, { site: "busan-2" });
    for (const absent of [undefined, null, ""]) isAbsent("labels", absent);
    isKind(
      "labels",
      { line: 3, hot: true, gone: null, gateway: { id: 7 }, tags: ["a"], big: 9007199254740993n },
      { line: "3", hot: "true", gateway: '{"id":7}', tags: '["a"]', big: "9007199254740993" },
    );
  });

  it("are shown as written where they are no object", () => {
    isShown("labels", "a=b", undefined, "a=b");
    isShown("labels", ["a"], undefined, '["a"]');
    isShown("labels", 7, undefined, "7");
  });

  it("may have the names of every object's members", () => {
    const { labels } = alertOf({ labels: JSON.parse('{"__proto__":1,"toString":null,"constructor":"c"}') });
    assert.deepEqual(Object.entries(labels ?? {}), [
      ["__proto__", "1"],
      ["constructor", "c"],
    ]);
    assert.equal(({} as { severity?: string }).severity, undefined);
  });
});

describe("what is nested without end", () => {
  it("is read like anything else that is none of a field's", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    for (const field of ["message", "deviceName", "severity", "status", "value", "occurredAt", "labels", "alertId"]) {
      const codec = createAlertCodec();
      const value = Buffer.from(`{"message":"m","deviceId":null,"${field}":${deep}}`);
      const decoded = codec.decode({ key: Buffer.from("d1"), value });
      assert.ok(decoded.kind === "alert", field);
      assert.equal(codec.parse(decoded.bytes).deviceId, "d1");
    }
  });
});
