import { EventLoopTurns } from "./event-loop-turns.js";

/** Work in pieces of some milliseconds: between two of them others may have their turn. */
export type Steps<T> = Generator<undefined, T, undefined>;

export const atOnce = <T>(steps: Steps<T>): T => {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
};

/** At once where it is quick, as nearly always; else the rest of it later. */
export const inTurns = <T>(steps: Steps<T>, turns: Turns = TURNS): T | Promise<T> => {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (turns.isOver) return rest(steps, turns);
  }
};

const rest = async <T>(steps: Steps<T>, turns: Turns): Promise<T> => {
  for (;;) {
    await turns.next();
    const step = steps.next();
    if (step.done) return step.value;
  }
};

type Turns = Pick<EventLoopTurns, "isOver" | "next">;
/** All who work in pieces share the turns. */
const TURNS = new EventLoopTurns();
