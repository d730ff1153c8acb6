/** What happens when in a soak, as shares of its length. Pure. */

export type Event =
  | { readonly atMs: number; readonly kind: "join" | "leave"; readonly instance: string }
  | { readonly atMs: number; readonly kind: "mail server goes" | "mail server comes" };

/** Those that run from the beginning to the end: memory is judged by them. */
export const LASTING = ["A", "B"] as const;

/** A soak has so many parts; of two hours each has five minutes. */
const PARTS = 24;
const STEPS: readonly (readonly [part: number, kind: Event["kind"], instance?: string])[] = [
  [2, "join", "C"],
  [4, "leave", "C"],
  [6, "mail server goes"],
  [8, "mail server comes"],
  [10, "join", "D"],
  [12, "leave", "D"],
  [14, "join", "E"],
  [14, "join", "F"],
  [16, "leave", "E"],
  [16, "leave", "F"],
  [18, "join", "G"],
  [20, "leave", "G"],
];

export const planOf = (minutes: number): Event[] =>
  STEPS.map(([part, kind, instance = ""]) => ({ atMs: (part * minutes * 60_000) / PARTS, kind, instance }) as Event);

/** Parts that a process needs to be warm, and parts after an event that are not looked at. */
const WARM_UP = 2;
const AFTER_MEMBERS = 0.5;
const AFTER_OUTAGE = 1;

/**
 * The stretch of the run that a moment belongs to, as a name: members of the group, and the side of the outage. Undefined while something has just
 * changed, and while the mail server is away.
 */
export function steadyStretch(atMs: number, minutes: number): string | undefined {
  const part = (atMs * PARTS) / (minutes * 60_000);
  if (part < WARM_UP || part >= PARTS) return undefined;
  let members: number = LASTING.length;
  let side = "before the outage";
  for (const [at, kind] of STEPS) {
    if (at > part) break;
    if (kind === "join") members++;
    if (kind === "leave") members--;
    if (kind === "mail server goes") side = "";
    if (kind === "mail server comes") side = "after the outage";
    if (part - at < (kind === "mail server comes" ? AFTER_OUTAGE : AFTER_MEMBERS)) return undefined;
  }
  return side === "" ? undefined : `${members} members, ${side}`;
}
