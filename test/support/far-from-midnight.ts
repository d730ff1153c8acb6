import { eventually } from "./eventually.js";

const DAY_MS = 86_400_000;
/** What a test of a day's window takes at most, on a busy machine. */
const TEST_MS = 180_000;

/** So that a window of a day (UTC) does not end during a test. */
export const farFromMidnight = async (): Promise<void> => {
  await eventually("the day does not end soon", () => Date.now() % DAY_MS < DAY_MS - TEST_MS, {
    timeoutMs: TEST_MS + 10_000,
  });
};
