import assert from "node:assert/strict";
import { test } from "node:test";
import { ELSEWHERE, isWaiting, type Life, type LifeEvent, stepLife } from "#src/core/partition-life.js";

const TIMES = { handoverMs: 1_500, handoverMaxMs: 60_000 };
const CALM = Number.NEGATIVE_INFINITY;
const WAITING = { notBefore: 0, previousBusySince: undefined, cutAt: undefined };
const HANDED_OVER = { inFlight: 0, settled: 1 };

const STATES: { readonly [K in Life["kind"]]: Extract<Life, { kind: K }> } = {
  elsewhere: { kind: "elsewhere" },
  departed: { kind: "departed", joinedAt: 0, handedOver: undefined, nextOwnerWaits: false },
  awaited: { kind: "awaited", ...WAITING },
  returned: { kind: "returned", ...WAITING, nextOwnerWaits: false },
  kept: { kind: "kept", notBefore: 0, unbroken: true },
  active: { kind: "active" },
  standing: { kind: "standing" },
};

const EVENTS = {
  assigned: { kind: "assigned", now: 0, sameMember: true, alone: false, troubledAt: CALM },
  unassigned: { kind: "unassigned", now: 0 },
  joining: { kind: "joining" },
  left: { kind: "left" },
  "read-own": { kind: "read-own" },
  "read-foreign": { kind: "read-foreign" },
  "read-announced": { kind: "read-announced", now: 0 },
  unread: { kind: "unread", now: 0 },
  cut: { kind: "cut", at: 7 },
  "handed-over": { kind: "handed-over", handedOver: HANDED_OVER, isAll: false, nextOwnerWaits: false },
  "… all of it": { kind: "handed-over", handedOver: HANDED_OVER, isAll: true, nextOwnerWaits: false },
} as const satisfies Record<string, LifeEvent>;

/** For each event in each state: the next state and its effects; `·` where nothing happens. */
const TRUTH = `
                 elsewhere  departed            awaited                  returned                 kept                             active              standing
assigned         awaited    returned            awaited                  returned                 kept                             kept +hold          kept
unassigned       ·          departed            elsewhere                departed                 departed +depart                 departed +depart    departed +depart
joining          ·          ·                   ·                        ·                        ·                                standing +hold      ·
left             ·          ·                   elsewhere                returned                 kept                             kept +hold          kept
read-own         ·          ·                   active +open +activate   active +open +activate   active +activate                 ·                   ·
read-foreign     ·          ·                   active +open +activate   active +open +activate   returned +depart +judge-again    ·                   ·
read-announced   ·          ·                   awaited                  returned                 returned +depart +judge-again    ·                   ·
unread           ·          ·                   awaited                  returned                 kept                             ·                   ·
cut              ·          ·                   awaited                  returned                 returned +depart                 returned +depart    returned +depart
handed-over      ·          departed            ·                        returned                 ·                                ·                   ·
… all of it      ·          elsewhere +forget   ·                        awaited +forget          ·                                ·                   ·
`;

test("what follows from each event in each state", () => {
  const cells = (line: string): string[] => line.trim().split(/\s{2,}/);
  const [head = "", ...rows] = TRUTH.trim().split("\n");
  const kinds = cells(head) as Life["kind"][];
  assert.deepEqual(kinds, Object.keys(STATES));
  assert.deepEqual(
    rows.map((row) => cells(row)[0]),
    Object.keys(EVENTS),
  );
  for (const row of rows) {
    const [name, ...expected] = cells(row) as [keyof typeof EVENTS, ...string[]];
    const found = kinds.map((kind) => {
      const [next, ...effects] = stepLife(STATES[kind], EVENTS[name], TIMES);
      return next === STATES[kind] ? "·" : [next.kind, ...effects].join(" +");
    });
    assert.deepEqual(found, expected, name);
  }
});

test("effects change what is in memory, and whether mails start, as the states say", () => {
  const memory = { awaited: "", elsewhere: "", departed: "facts", returned: "facts" } as Record<string, string>;
  for (const state of Object.values(STATES)) {
    for (const [name, event] of Object.entries(EVENTS)) {
      const [next, ...effects] = stepLife(state, event, TIMES);
      const before = memory[state.kind] ?? "windows";
      const after = memory[next.kind] ?? "windows";
      const told = `${state.kind}, ${name}: ${effects.join()}`;
      const has = (effect: (typeof effects)[number]) => effects.includes(effect);
      assert.equal(has("depart"), before === "windows" && after === "facts", told);
      assert.equal(has("forget"), before === "facts" && after === "", told);
      assert.equal(has("open"), before !== "windows" && after === "windows", told);
      assert.equal(has("activate"), state.kind !== "active" && next.kind === "active", told);
      const stopsMails = state.kind === "active" && next.kind !== "active";
      assert.equal(has("hold") || (has("depart") && state.kind === "active"), stopsMails, told);
    }
  }
});

test("a partition waits where it is assigned, or may be again, and takes no records", () => {
  const waiting = Object.values(STATES).filter(isWaiting);
  assert.deepEqual(waiting, [STATES.awaited, STATES.returned, STATES.kept]);
});

test("the next owner waits for mails in flight once it was told of some, and else does not", () => {
  for (const state of [STATES.departed, STATES.returned])
    for (const [before, now] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const [next] = stepLife(
        { ...state, nextOwnerWaits: before },
        { ...EVENTS["handed-over"], nextOwnerWaits: now },
        TIMES,
      );
      assert.equal("nextOwnerWaits" in next && next.nextOwnerWaits, before || now, `${state.kind} ${before} ${now}`);
    }
  for (const state of [STATES.active, STATES.standing, STATES.kept])
    assert.deepEqual(stepLife(state, EVENTS.unassigned, TIMES)[0], STATES.departed, "nobody told it of any");
});

/** A life that goes on by the events given. */
const live = (life: Life, ...events: readonly LifeEvent[]): Life =>
  events.reduce((each, event) => stepLife(each, event, TIMES)[0], life);

type Assigned = Extract<LifeEvent, { kind: "assigned" }>;

const assigned = (now: number, how: Partial<Assigned> = {}): Assigned => ({ ...EVENTS.assigned, now, ...how });

const notBefore = (life: Life): number | undefined => (isWaiting(life) ? life.notBefore : undefined);

test("a partition that somebody else had is read once they had the time to hand it over; at once when nobody else is there", () => {
  assert.equal(notBefore(live(ELSEWHERE, assigned(10_000))), 11_500);
  assert.equal(notBefore(live(ELSEWHERE, assigned(10_000, { alone: true }))), 10_000);
});

test("for half a minute after trouble it is read six seconds later, also when nobody else is there: they may come back", () => {
  for (const alone of [true, false]) {
    assert.equal(notBefore(live(ELSEWHERE, assigned(39_999, { alone, troubledAt: 10_000 }))), 45_999);
    assert.equal(notBefore(live(ELSEWHERE, assigned(40_000, { alone: true, troubledAt: 10_000 }))), 40_000);
  }
});

test("windows that nobody else had meanwhile go on at once, trouble or not", () => {
  const kept = live(STATES.active, EVENTS.joining, assigned(10_000, { troubledAt: 9_000 }));
  assert.deepEqual(kept, { kind: "kept", notBefore: 0, unbroken: true });
  assert.deepEqual(live(kept, assigned(20_000)), kept, "nor in the next generation");
  assert.equal(live(kept, EVENTS["read-own"]).kind, "active");
});

test("windows that somebody else may have had meanwhile wait for the usual time, and count as broken until they are loaded", () => {
  const back = live(STATES.standing, assigned(10_000, { sameMember: false }));
  assert.deepEqual(back, { kind: "kept", notBefore: 11_500, unbroken: false });
  assert.deepEqual(live(back, EVENTS.joining, assigned(20_000)), { ...back, notBefore: 21_500 });
  assert.deepEqual(live(back, EVENTS["read-own"], EVENTS.joining, assigned(30_000)), STATES.kept);
});

test("a membership that is gone leaves windows and facts, and nothing of what was only assigned", () => {
  for (const state of [STATES.active, STATES.standing, STATES.kept])
    assert.deepEqual(live(state, EVENTS.left), { kind: "kept", notBefore: 0, unbroken: false }, state.kind);
  assert.deepEqual(live({ ...STATES.returned, notBefore: 900, cutAt: 4 }, EVENTS.left), STATES.returned);
  assert.deepEqual(live(STATES.departed, EVENTS.left), STATES.departed);
  assert.equal(live(STATES.awaited, EVENTS.left).kind, "elsewhere");
});

test("a previous owner with mails in flight is asked for again five times a second, and waited for as long as a mail can take", () => {
  const announced = (now: number) => ({ kind: "read-announced", now }) as const;
  const first = live(STATES.awaited, announced(1_000));
  assert.deepEqual(first, { ...STATES.awaited, notBefore: 1_200, previousBusySince: 1_000 });
  const later = live(first, announced(60_999));
  assert.deepEqual(later, { ...STATES.awaited, notBefore: 61_199, previousBusySince: 1_000 });
  assert.equal(live(later, announced(61_000)).kind, "active");
  assert.equal(live(first, EVENTS["read-foreign"]).kind, "active", "it told what became of them");
  assert.equal(live(first, assigned(50_000), announced(61_000)).kind, "awaited", "a new generation counts anew");
});

test("windows that somebody else committed beyond are given up, and the same commit is judged again as for any partition", () => {
  const givenUp = live(STATES.kept, { kind: "read-announced", now: 1_000 });
  assert.deepEqual(givenUp, STATES.returned);
  assert.equal(live(givenUp, { kind: "read-announced", now: 1_000 }).kind, "returned");
  assert.equal(live(givenUp, EVENTS["read-foreign"]).kind, "active");
});

test("a log without a leader is asked for again a second later", () => {
  for (const state of [STATES.awaited, STATES.returned, STATES.kept])
    assert.deepEqual(live(state, { kind: "unread", now: 5_000 }), { ...state, notBefore: 6_000 });
});

test("what a lost partition's next owner was told is remembered, until all of it was", () => {
  const told = { inFlight: 2, settled: 5 };
  const once = live(STATES.departed, { ...EVENTS["handed-over"], handedOver: told, nextOwnerWaits: true });
  assert.deepEqual(once, { ...STATES.departed, handedOver: told, nextOwnerWaits: true });
  const twice = live(once, { ...EVENTS["handed-over"], handedOver: HANDED_OVER });
  assert.deepEqual(twice, { ...once, handedOver: HANDED_OVER }, "it still waits");
  assert.equal(live(twice, EVENTS["… all of it"]), ELSEWHERE);
});

test("each join hands over anew, and a next owner that was told to wait still does", () => {
  const told = { ...STATES.departed, handedOver: HANDED_OVER, nextOwnerWaits: true };
  const anew = { ...STATES.departed, joinedAt: 9_000, nextOwnerWaits: true };
  assert.deepEqual(live(told, { kind: "unassigned", now: 9_000 }), anew);
  assert.deepEqual(live(told, assigned(5_000), { kind: "unassigned", now: 9_000 }), anew, "also when it came back");
});

test("a partition that came back while its facts were handed over loses them once all of them are", () => {
  const back = live(STATES.departed, assigned(1_000));
  assert.deepEqual(back, { ...STATES.returned, notBefore: 2_500 });
  assert.deepEqual(live(back, EVENTS["… all of it"]), { ...STATES.awaited, notBefore: 2_500 });
});

test("a log that lost its end is read anew at once, up to where it was cut, also by the next generation, not by the next membership", () => {
  const cut = live(STATES.active, { kind: "cut", at: 7 });
  assert.deepEqual(cut, { ...STATES.returned, cutAt: 7 });
  const again = live(cut, assigned(1_000));
  assert.deepEqual(again, { ...STATES.returned, notBefore: 2_500, cutAt: 7 });
  assert.deepEqual(live(again, EVENTS.left), STATES.returned);
});
