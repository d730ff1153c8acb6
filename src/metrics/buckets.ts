/** Upper bounds of the histograms' buckets. */

/** A commit is one round trip, or a retry away from one. */
export const COMMIT_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;
/** From the window's end: the grace (2 s) and what comes on top of it; the tail is catching up. */
export const CLOSE_DELAY_SECONDS = [0.5, 1, 2, 2.25, 2.5, 3, 4, 5, 10, 30, 60, 300, 1800] as const;
export const ALERTS_PER_WINDOW = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20_000] as const;
/** Up to the default deadline of an attempt (60 s), and beyond for longer ones. */
export const SEND_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120] as const;
/** 10 is the service level: windows mailed within 10 s of their end. */
export const END_TO_MAIL_SECONDS = [0.5, 1, 2, 2.5, 3, 4, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 900, 3600] as const;
/** A window's length (30 s) wider than the one above, and fine where an alert of a healthy system falls. */
export const ALERT_TO_MAIL_SECONDS = [1, 2, 5, 10, 15, 20, 25, 30, 32.5, 35, 40, 50, 60, 120, 300, 900, 3600] as const;
