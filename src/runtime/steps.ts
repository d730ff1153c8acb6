import { type EventLoopTurns, OUR_TURNS } from "./event-loop-turns.js";

/** Work in pieces of some milliseconds: between two of them others may have their turn. */
export type Steps<T> = Generator<undefined, T, undefined>;

export const atOnce = <T>(steps: Steps<T>): T => {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
};

/** At once where it is quick, as nearly always; else the rest of it later, or all of it where others have been busy in this turn. */
export const inTurns = <T>(steps: Steps<T>, turns: Turns = OUR_TURNS): T | Promise<T> => {
  for (;;) {
    if (turns.isOver) return rest(steps, turns);
    const step = steps.next();
    if (step.done) return step.value;
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
