/**
 * npm and some init programs pass a signal on that the terminal has sent to the whole group already: within this time two signals are one request.
 * Nobody presses Ctrl-C a second time so soon after seeing that the first was heard.
 */
const SAME_REQUEST_MS = 300;

export type StopRequest = "first" | "same" | "again";

/** What a signal means that asks for a stop. `elapsed`: milliseconds that never go back. */
export const createStopRequests = (elapsed: () => number): (() => StopRequest) => {
  let askedAt: number | undefined;
  return () => {
    const now = elapsed();
    if (askedAt === undefined) {
      askedAt = now;
      return "first";
    }
    return now - askedAt > SAME_REQUEST_MS ? "again" : "same";
  };
};
