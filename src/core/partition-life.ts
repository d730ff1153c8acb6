/**
 * The life of one partition in one process: whose it is, and what this process knows of it. A table says what follows from each event in each state;
 * a pair that is missing does not compile. The states also say what is in memory:
 *
 *     nothing   elsewhere, awaited
 *     facts     departed, returned         what was settled of windows that are gone, and which of their mails are still in flight
 *     windows   active, standing, kept
 *
 *     assigned      elsewhere → awaited → active              its checkpoint is read once the previous owner had the time to hand over
 *     a rebalance   active → standing → kept → active         nobody else went further: its windows go on
 *     given away    active → standing → departed → elsewhere  what is known of it is handed over
 */
export type Life =
  /** Somebody else's, and nothing is known of it. */
  | { readonly kind: "elsewhere" }
  /** Somebody else's, and not everything that is known of it is handed over. */
  | ({ readonly kind: "departed"; readonly joinedAt: number; readonly handedOver: HandedOver | undefined } & Parting)
  /** Assigned, and nothing is known of it. */
  | ({ readonly kind: "awaited" } & Waiting)
  /** Assigned again after it departed, or known to be another log than the one whose windows were held. */
  | ({ readonly kind: "returned" } & Waiting & Parting)
  /** Held by this process, and perhaps by the group's next generation: its windows go on if the group still has an own commit. */
  | { readonly kind: "kept"; readonly notBefore: number; readonly unbroken: boolean }
  /** It takes records, and its mails start. */
  | { readonly kind: "active" }
  /** A rebalance is under way: it still takes records, and no mail starts. */
  | { readonly kind: "standing" };

/** The group's last word on an assigned partition is not read yet. */
interface Waiting {
  /** When it may be read: before, the previous owner may still be writing it. */
  readonly notBefore: number;
  /** Since when the previous owner is known to have mails in flight. */
  readonly previousBusySince: number | undefined;
  /** The log was found to have lost everything from this offset on. */
  readonly cutAt: number | undefined;
}

interface Parting {
  /** The next owner was told, in time, of mails in flight: it waits for them, and only this process commits the partition. */
  readonly nextOwnerWaits: boolean;
}

/** What the next owner was told: mails in flight, and how many things had been settled by then. */
export interface HandedOver {
  readonly inFlight: number;
  readonly settled: number;
}

/** All times are of a clock that never goes back. */
export type LifeEvent =
  /**
   * A new generation gives the partition to this member. `sameMember`: nobody else had what it held. `alone`: the group has no other member.
   * `troubledAt`: when a commit failed last, or the membership ended.
   */
  | {
      readonly kind: "assigned";
      readonly now: number;
      readonly sameMember: boolean;
      readonly alone: boolean;
      readonly troubledAt: number;
    }
  /** A new generation does not give it to this member. */
  | { readonly kind: "unassigned"; readonly now: number }
  /** A rebalance begins. */
  | { readonly kind: "joining" }
  /** The membership is gone. */
  | { readonly kind: "left" }
  /** The commit read back is one that this process made. */
  | { readonly kind: "read-own" }
  /** Somebody else's, or nobody's. */
  | { readonly kind: "read-foreign" }
  /** Somebody else's, and it tells of mails in flight. */
  | { readonly kind: "read-announced"; readonly now: number }
  /** Nobody could say what the log holds: it has no leader just now. */
  | { readonly kind: "unread"; readonly now: number }
  /** The log is not the one that was read, from `at` on; undefined: nobody knows from where on. */
  | { readonly kind: "cut"; readonly at: number | undefined }
  /** The next owner was told. `isAll`: nothing is in flight, and nothing was settled since. */
  | {
      readonly kind: "handed-over";
      readonly handedOver: HandedOver;
      readonly isAll: boolean;
      readonly nextOwnerWaits: boolean;
    };

export type LifeEffect =
  /** No mail starts. */
  | "hold"
  /** Windows and mails are given up; what is known of them stays as facts. */
  | "depart"
  /** The facts are forgotten. */
  | "forget"
  /** The same answer is judged again, once no mail of the windows given up is in flight. */
  | "judge-again"
  /** Begins at what the group has, and the facts. */
  | "open"
  /** Takes records, and starts mails. */
  | "activate";

export interface HandoverTimes {
  /** A new owner reads the checkpoint this long after the join. */
  readonly handoverMs: number;
  /** A new owner that was told of mails in flight waits for them this long. */
  readonly handoverMaxMs: number;
}

export type LifeStep = readonly [next: Life, ...effects: LifeEffect[]];

type In<K extends Life["kind"]> = Extract<Life, { kind: K }>;
type On<K extends LifeEvent["kind"]> = Extract<LifeEvent, { kind: K }>;
type Transition<L extends Life, E extends LifeEvent> = (life: L, event: E, times: HandoverTimes) => LifeStep;
type Table = {
  readonly [L in Life["kind"]]: { readonly [E in LifeEvent["kind"]]: Transition<In<L>, On<E>> };
};

export const ELSEWHERE: Life = { kind: "elsewhere" };

export const stepLife = (life: Life, event: LifeEvent, times: HandoverTimes): LifeStep =>
  (TABLE[life.kind][event.kind] as Transition<Life, LifeEvent>)(life, event, times);

/** Assigned, or to be assigned again, and not taking records. */
export const isWaiting = (life: Life): life is In<"awaited" | "returned" | "kept"> =>
  life.kind === "awaited" || life.kind === "returned" || life.kind === "kept";

const stays = (life: Life): LifeStep => [life];

/** When the previous owner has had its time. After trouble also when alone: others may have been cut off as well, and come back. */
const handoverEnd = ({ now, alone, troubledAt }: On<"assigned">, { handoverMs }: HandoverTimes): number =>
  now - troubledAt < TROUBLE_MS ? now + TROUBLED_HANDOVER_MS : now + (alone ? 0 : handoverMs);

const waitAnew: Transition<In<"awaited" | "returned">, On<"assigned">> = (life, event, times) => [
  { ...life, notBefore: handoverEnd(event, times), previousBusySince: undefined },
];

/** Windows that nobody else had meanwhile go on at once. */
const keep = (unbroken: boolean, { now, alone }: On<"assigned">, { handoverMs }: HandoverTimes): Life => ({
  kind: "kept",
  unbroken,
  notBefore: unbroken ? 0 : now + (alone ? 0 : handoverMs),
});

const departed = (joinedAt: number, nextOwnerWaits = false): Life => ({
  kind: "departed",
  joinedAt,
  handedOver: undefined,
  nextOwnerWaits,
});

const returned = (notBefore: number, cutAt?: number): Life => ({
  kind: "returned",
  notBefore,
  previousBusySince: undefined,
  cutAt,
  nextOwnerWaits: false,
});

const askLater: Transition<In<"awaited" | "returned" | "kept">, On<"unread">> = (life, { now }) => [
  { ...life, notBefore: now + SICK_POLL_MS },
];

const start = (): LifeStep => [{ kind: "active" }, "open", "activate"];

/** What becomes of the previous owner's mails is worth waiting for, or they would be sent twice. */
const waitForMails: Transition<In<"awaited" | "returned">, On<"read-announced">> = (life, { now }, times) => {
  const { previousBusySince = now } = life;
  if (now - previousBusySince >= times.handoverMaxMs) return start();
  return [{ ...life, previousBusySince, notBefore: now + HANDOVER_POLL_MS }];
};

const giveUp = ({ notBefore }: In<"kept">): LifeStep => [returned(notBefore), "depart", "judge-again"];

const startAnew = (_: Life, { at }: On<"cut">): LifeStep => [returned(0, at), "depart"];

const comesBackLater = (): LifeStep => [{ kind: "kept", notBefore: 0, unbroken: false }];

const TABLE: Table = {
  elsewhere: {
    assigned: (_, event, times) => [
      { kind: "awaited", notBefore: handoverEnd(event, times), previousBusySince: undefined, cutAt: undefined },
    ],
    unassigned: stays,
    joining: stays,
    left: stays,
    "read-own": stays,
    "read-foreign": stays,
    "read-announced": stays,
    unread: stays,
    cut: stays,
    "handed-over": stays,
  },
  departed: {
    assigned: ({ nextOwnerWaits }, event, times) => [
      {
        kind: "returned",
        notBefore: handoverEnd(event, times),
        previousBusySince: undefined,
        cutAt: undefined,
        nextOwnerWaits,
      },
    ],
    unassigned: ({ nextOwnerWaits }, { now }) => [departed(now, nextOwnerWaits)],
    joining: stays,
    left: stays,
    "read-own": stays,
    "read-foreign": stays,
    "read-announced": stays,
    unread: stays,
    cut: stays,
    "handed-over": (life, { handedOver, isAll, nextOwnerWaits }) =>
      isAll ? [ELSEWHERE, "forget"] : [{ ...life, handedOver, nextOwnerWaits: nextOwnerWaits || life.nextOwnerWaits }],
  },
  awaited: {
    assigned: waitAnew,
    unassigned: () => [ELSEWHERE],
    joining: stays,
    left: () => [ELSEWHERE],
    "read-own": start,
    "read-foreign": start,
    "read-announced": waitForMails,
    unread: askLater,
    cut: (life, { at }) => [{ ...life, cutAt: at }],
    "handed-over": stays,
  },
  returned: {
    assigned: waitAnew,
    unassigned: ({ nextOwnerWaits }, { now }) => [departed(now, nextOwnerWaits)],
    joining: stays,
    left: (life) => [{ ...life, notBefore: 0, previousBusySince: undefined, cutAt: undefined }],
    "read-own": start,
    "read-foreign": start,
    "read-announced": waitForMails,
    unread: askLater,
    cut: (life, { at }) => [{ ...life, cutAt: at }],
    // It came back while that was under way.
    "handed-over": ({ notBefore, previousBusySince, cutAt, ...life }, { isAll, nextOwnerWaits }) =>
      isAll
        ? [{ kind: "awaited", notBefore, previousBusySince, cutAt }, "forget"]
        : [{ ...life, notBefore, previousBusySince, cutAt, nextOwnerWaits: nextOwnerWaits || life.nextOwnerWaits }],
  },
  kept: {
    assigned: (life, event, times) => [keep(life.unbroken && event.sameMember, event, times)],
    unassigned: (_, { now }) => [departed(now), "depart"],
    joining: stays,
    left: comesBackLater,
    "read-own": () => [{ kind: "active" }, "activate"],
    "read-foreign": giveUp,
    "read-announced": giveUp,
    unread: askLater,
    cut: startAnew,
    "handed-over": stays,
  },
  active: {
    assigned: (_, event, times) => [keep(event.sameMember, event, times), "hold"],
    unassigned: (_, { now }) => [departed(now), "depart"],
    joining: () => [{ kind: "standing" }, "hold"],
    left: () => [...comesBackLater(), "hold"],
    "read-own": stays,
    "read-foreign": stays,
    "read-announced": stays,
    unread: stays,
    cut: startAnew,
    "handed-over": stays,
  },
  standing: {
    assigned: (_, event, times) => [keep(event.sameMember, event, times)],
    unassigned: (_, { now }) => [departed(now), "depart"],
    joining: stays,
    left: comesBackLater,
    "read-own": stays,
    "read-foreign": stays,
    "read-announced": stays,
    unread: stays,
    cut: startAnew,
    "handed-over": stays,
  },
};

/** Whoever was cut off together with this process, and comes back a little later, still finds its windows unmailed. */
const TROUBLED_HANDOVER_MS = 6_000;
const TROUBLE_MS = 30_000;
const HANDOVER_POLL_MS = 200;
const SICK_POLL_MS = 1_000;
