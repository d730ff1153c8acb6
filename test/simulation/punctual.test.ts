import assert from "node:assert/strict";
import { test } from "node:test";
import type { Digest } from "#src/runtime/ports.js";
import type { Process } from "./process.js";
import { Punctual } from "./punctual.js";
import type { Surroundings } from "./world.js";

const [ONE, TWO] = ["one@example.com", "two@example.com"];
const NOBODY: readonly string[] = [];

/** One partition, one reader a message. Each window ends at 0: from then on its mail could start. */
const watched = () => {
  let now = 0;
  const clock = { elapsed: () => now, now: () => now };
  const options = { inOrder: true, graceMs: 0, readers: "apart", repeatIntervalsMs: [1_000, 2_000] };
  const world = { clock, broker: { logs: [[]] }, options, losesEnds: false } as unknown as Surroundings;
  const punctual = new Punctual({} as Process, world);
  let offset = 0;
  const first = (device: string, address: string, more: Partial<Digest> = {}): void => {
    const digest = {
      partition: 0,
      deviceId: device,
      windowStart: -1_000,
      windowEnd: 0,
      windowCount: 3,
      listed: [{ offset: offset++ }],
      ...more,
    };
    punctual.started(digest as unknown as Digest, [address], [device]);
  };
  return {
    at: (ms: number): void => {
      now = ms;
    },
    first,
    /** Begins an attempt. Returns how it ends. */
    attempt: (devices: readonly string[], address: string) => {
      const wereWaitedFor = punctual.areWaitedFor([address]);
      return (outcome: "accepted" | "deferred" | "refused"): void => {
        const accepted = outcome === "accepted" ? [address] : NOBODY;
        const over = outcome === "refused" ? [address] : NOBODY;
        for (const device of devices) punctual.ended(device, [address], { wereWaitedFor, accepted, over });
      };
    },
    deadLetter: (device: string, address: string): void =>
      punctual.ended(device, [address], {
        wereWaitedFor: punctual.areWaitedFor([address]),
        accepted: NOBODY,
        over: [address],
      }),
  };
};

test("a mail that starts more than a second after nothing stood in its way is late", () => {
  const { at, first } = watched();
  at(1_000);
  first("a", ONE);
  at(1_001);
  assert.throws(() => first("b", ONE), /G4: a mail of b starts 1001 ms after it could have/);
});

test("a mail that tells nothing new may wait for the longest interval after the window in which its first alert came, and one with news for none", () => {
  const { at, first } = watched();
  at(1_001);
  assert.throws(() => first("a", ONE, { repeats: 2 }), /G4: a mail of a starts 1001 ms/);
  at(4_000);
  first("b", ONE, { repeats: 3 });
  at(4_001);
  assert.throws(() => first("c", ONE, { repeats: 3 }), /G4: a mail of c starts 1001 ms/);
});

test("a device is busy until its mail has an answer", () => {
  const { at, attempt, first } = watched();
  const end = attempt(["a"], ONE);
  at(5_000);
  end("accepted");
  first("a", TWO);
});

test("what is tried for a recipient that is waited for makes no device busy", () => {
  const { at, attempt, first } = watched();
  attempt(["a"], ONE)("deferred");
  const end = attempt(["a"], ONE);
  at(5_000);
  end("deferred");
  assert.throws(() => first("a", TWO), /G4/);
});

test("an attempt that began before its recipient was deferred keeps its device busy", () => {
  const { at, attempt, first } = watched();
  const end = attempt(["a"], ONE);
  attempt(["b"], ONE)("deferred");
  at(5_000);
  end("deferred");
  first("a", TWO);
});

test("a mail of several devices keeps all of them busy, whatever its answer", () => {
  const { at, attempt, first } = watched();
  const end = attempt(["a", "b"], ONE);
  at(5_000);
  end("deferred");
  first("a", TWO);
  first("b", TWO);
});

test("a recipient that the server refused is not waited for: its next mail keeps the device busy", () => {
  const { at, attempt, first } = watched();
  attempt(["a"], ONE)("deferred");
  attempt(["a"], ONE)("refused");
  const end = attempt(["a"], ONE);
  at(5_000);
  end("refused");
  first("a", TWO);
});

test("a recipient that was given up is not waited for: its next mail keeps the device busy", () => {
  const { at, attempt, deadLetter, first } = watched();
  attempt(["a"], ONE)("deferred");
  deadLetter("a", ONE);
  const end = attempt(["a"], ONE);
  at(5_000);
  end("deferred");
  first("a", TWO);
});
