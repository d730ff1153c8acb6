import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "#src/core/partition-types.js";
import { ONLY_TO_HEADER, ONLY_TO_MAX_BYTES, onlyToHeader, onlyToIn } from "#src/kafka/redrives.js";
import { laneOf, ofLane, restricted } from "#src/runtime/only-to.js";
import { REDRIVES_HEADER } from "#src/runtime/record-headers.js";
import { written } from "#test/support/written.js";

test("device and recipients come back from the name that the core has for them, whatever the device calls itself", () => {
  const lists = [undefined, ["a@x"], ["a@x", "b@x"]];
  const devices = ["pump", "", "\0", "\0\0", "\0a@x\0pump", "a,b", "\0\0a@x\0pump"];
  const lanes = new Set<string>();
  for (const deviceId of devices)
    for (const onlyTo of lists) {
      const lane = Buffer.from(bytesOf(laneOf(written(deviceId), onlyTo))).toString();
      assert.deepEqual(ofLane(lane), { deviceId, onlyTo });
      lanes.add(lane);
    }
  assert.equal(lanes.size, devices.length * lists.length, "nobody can name somebody else's");
});

test("of those who are told now, only the ones that missed it; a message for nobody is none", () => {
  const look = {};
  const ops = { look, to: ["kim@x"], cc: ["Lee@x"], bcc: ["park@x"] };
  const because = [{ kind: "everybody" }] as const;
  const boss = { look, to: ["boss@x"], cc: [], bcc: [] };
  assert.deepEqual(restricted([ops, boss], ["lee@x", "gone@x"]), [{ look, to: [], cc: ["Lee@x"], bcc: [] }]);
  assert.deepEqual(restricted([ops, boss], ["gone@x"]), []);
  assert.deepEqual(restricted([{ ...ops, because }], ["kim@x"])[0]?.because, because, "it says why, as ever");
});

test("the header counts only on what came back from the dead letters, and only when it is a list of addresses", () => {
  const of = (onlyTo: string | Buffer, redrives: string | undefined = "1") =>
    onlyToIn({ [ONLY_TO_HEADER]: onlyTo, ...(redrives !== undefined && { [REDRIVES_HEADER]: redrives }) });
  assert.deepEqual(of(Buffer.from("b@x,a@x,b@x")), ["a@x", "b@x"]);
  assert.equal(of("a@x", "0"), undefined, "a producer's own");
  assert.equal(onlyToIn({ [ONLY_TO_HEADER]: "a@x" }), undefined);
  assert.equal(onlyToIn({ [REDRIVES_HEADER]: "1" }), undefined);
  for (const hostile of ["", ",", "nobody", "a@x,", "a@x\0b@x", "a@x b@x", "<a@x>", "a@x\r\nb@x"])
    assert.equal(of(hostile), undefined, JSON.stringify(hostile));
  const many = Array.from({ length: 1_000 }, (_, index) => `somebody-${index}@example.com`);
  assert.equal(of(many.join(",")), undefined);
  assert.equal(onlyToHeader(many), undefined);
  const some = many.slice(0, 200);
  const header = onlyToHeader(some) ?? "";
  assert.ok(header.length <= ONLY_TO_MAX_BYTES);
  assert.deepEqual(of(header), some.toSorted());
});
