import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type PlacePhase, Places } from "#src/http/places.js";

const places = (total = 3, perAddress = 2) =>
  new Places<string>({ total, perAddress, idleMs: 5_000, answerMs: 15_000 });

test("when all places are taken, the one that has been idle longest goes, not the newest", () => {
  const all = places();
  for (const [at, name] of ["a", "b", "c"].entries()) assert.equal(all.enter(name, name, at), undefined);
  all.turn("a", "answering", 3);
  assert.equal(all.enter("d", "d", 4), "b");
  // Idle again, but for a shorter time than the others.
  all.turn("a", "idle", 5);
  assert.equal(all.enter("e", "e", 6), "c");
  assert.equal(all.count, 3);
});

test("without an idle one, the answer that has been under way longest goes; streams stay, and the newcomer has to go", () => {
  const all = places();
  for (const name of ["a", "b", "c"]) all.enter(name, name, 0);
  all.turn("a", "streaming", 1);
  all.turn("c", "answering", 2);
  all.turn("b", "answering", 3);
  assert.equal(all.enter("d", "d", 4), "c");
  all.turn("b", "streaming", 5);
  all.turn("d", "streaming", 5);
  assert.equal(all.enter("e", "e", 6), "e");
  assert.equal(all.count, 3);
});

test("who just came is spared as long as another has not taken its answer for a second", () => {
  const all = places();
  all.enter("deaf", "1", 0);
  all.turn("deaf", "answering", 0);
  all.enter("silent", "2", 0);
  all.enter("a", "3", 1_500);
  assert.equal(all.enter("b", "4", 1_500), "silent", "who has said nothing for longest goes first");
  assert.equal(all.enter("c", "5", 1_500), "deaf", "then who takes no answer, not who had no time to say a word");
  assert.equal(all.enter("d", "6", 1_500), "a", "of those who just came the first");
});

test("a crowd that comes faster than anybody can speak puts out its own, not who came alone", () => {
  const all = places(4, 3);
  all.enter("alone", "192.0.2.1", 0);
  for (const [at, name] of ["a", "b", "c"].entries()) all.enter(name, "192.0.2.2", 1 + at);
  for (let at = 5; at < 50; at++) {
    const out = all.enter(`more-${at}`, `192.0.2.${2 + (at % 2)}`, at);
    assert.notEqual(out, undefined);
    assert.notEqual(out, "alone");
  }
});

test("of those whose answer is under way, too, the address that has most loses one", () => {
  const all = places(3, 3);
  for (const [at, name] of ["alone", "a", "b"].entries()) {
    all.enter(name, name === "alone" ? "1" : "2", at);
    all.turn(name, "answering", at);
  }
  assert.equal(all.enter("c", "2", 10), "a");
});

test("an address that has all its places loses one of its own", () => {
  const all = places(10, 2);
  all.enter("other", "192.0.2.1", 0);
  all.enter("a", "192.0.2.2", 1);
  all.enter("b", "192.0.2.2", 2);
  assert.equal(all.enter("c", "192.0.2.2", 3), "a");
  all.leave("b");
  assert.equal(all.enter("d", "192.0.2.2", 4), undefined);
  all.turn("c", "streaming", 5);
  all.turn("d", "streaming", 5);
  assert.equal(all.enter("e", "192.0.2.2", 6), "e");
});

test("deadlines: of silence, and of an answer that nobody takes; a stream has none here", () => {
  const all = places(3, 3);
  for (const name of ["silent", "greedy", "stream"]) all.enter(name, name, 0);
  all.turn("greedy", "answering", 1_000);
  all.turn("stream", "streaming", 1_000);
  assert.deepEqual(all.overdue(4_999), []);
  assert.deepEqual(all.overdue(5_000), ["silent"]);
  assert.deepEqual(all.overdue(15_999), ["silent"]);
  assert.deepEqual([...all.overdue(16_000)].sort(), ["greedy", "silent"]);
  all.leave("silent");
  assert.deepEqual(all.overdue(100_000), ["greedy"]);
});

test("whatever comes and goes, nobody has more places than the limits say, and one that is answered goes only when none is idle", () => {
  const step = fc.record({
    name: fc.constantFrom(..."abcdefghij"),
    address: fc.constantFrom("x", "y", "z"),
    what: fc.constantFrom<PlacePhase | "enter" | "leave">("enter", "leave", "idle", "answering", "streaming"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const all = places(4, 2);
      const held = new Map<string, { address: string; phase: PlacePhase }>();
      for (const [at, { name, address, what }] of steps.entries()) {
        if (what === "leave") {
          all.leave(name);
          held.delete(name);
        } else if (what !== "enter") {
          all.turn(name, what, at);
          const place = held.get(name);
          if (place !== undefined) place.phase = what;
        } else if (!held.has(name)) {
          const out = all.enter(name, address, at);
          const phaseOut = out === undefined ? undefined : held.get(out)?.phase;
          const ofAddress = [...held.values()].filter((one) => one.address === address);
          const rivals = ofAddress.length >= 2 ? ofAddress : [...held.values()];
          if (phaseOut === "answering") assert.ok(!rivals.some(({ phase }) => phase === "idle"));
          assert.notEqual(phaseOut, "streaming");
          if (out !== name) held.set(name, { address, phase: "idle" });
          if (out !== undefined) held.delete(out);
        }
        assert.equal(all.count, held.size);
        assert.ok(held.size <= 4);
        for (const of of ["x", "y", "z"]) assert.ok([...held.values()].filter((one) => one.address === of).length <= 2);
      }
    }),
  );
});
