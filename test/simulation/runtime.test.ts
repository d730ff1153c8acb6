import { test } from "node:test";
import { type Weather, World } from "./world.js";

const { SEED, SEEDS } = process.env;
const count = Number(SEEDS ?? (SEED === undefined ? 50 : 1));

/** One world after the other, each with its own seed; the first that fails says how to run it again. */
const worlds = async (weather: Weather): Promise<void> => {
  const first = SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(SEED);
  for (let seed = first; seed < first + count; seed++) {
    const world = new World(seed, weather);
    const onBug = (error: unknown): void => world.fail(error);
    process.on("uncaughtException", onBug);
    process.on("unhandledRejection", onBug);
    try {
      await world.run();
    } catch (error) {
      throw new Error(`${(error as Error).message}\n\nRerun: SEED=${seed} npm run test:simulation -- runtime`, {
        cause: error,
      });
    } finally {
      process.off("uncaughtException", onBug);
      process.off("unhandledRejection", onBug);
    }
  }
};

const CALM: Weather = { crashes: false, rebalances: "none", ambiguous: false, commitAnswersLost: false };

test("while the SMTP server, commits and dead letters fail, nothing is lost, reordered or mailed twice", () =>
  worlds({ ...CALM, commitAnswersLost: true }));

test("rebalances that leave a process its partitions repeat no mail", () =>
  worlds({ ...CALM, rebalances: "kept", commitAnswersLost: true }));

test("partitions that move, with mails in flight, repeat none of them while the broker answers", () =>
  worlds({ ...CALM, rebalances: "moved" }));

test("whatever moves between processes, no committed offset passes an alert that nobody has", () =>
  worlds({ ...CALM, rebalances: "any", commitAnswersLost: true }));

test("processes that die at any moment lose nothing and keep every device's order", () =>
  worlds({ ...CALM, crashes: true, ambiguous: true }));

test("all of it at once", () => worlds({ crashes: true, rebalances: "any", ambiguous: true, commitAnswersLost: true }));
