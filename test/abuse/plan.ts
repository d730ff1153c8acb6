/** What happens when: each abuse alone, all at once after it, and nothing at the beginning. Pure. */

/** What neighbours do, by name. */
export const ABUSES = {
  large: "valid alerts of 0.9 MB, sixty in a batch of some 60 KB",
  labels: "valid alerts with 10,000 labels each",
  flood: "a new UUID as the device of every alert, 200 a second",
  batches: "batches of less than a megabyte that unpack to hundreds, in gzip, snappy, lz4 and zstd",
  crowd: "HTTP: 500 idle connections, 500 that read no answer, 60 that pipeline, 16 event streams",
  status: "status records of 60 invented instances, 0.8 MB each, every two seconds",
  mail: "a mail server that takes a second for each mail, and five for every twentieth",
} as const;

export type Abuse = keyof typeof ABUSES;

export interface Phase {
  /** `quiet`, the name of an abuse, or `all`. */
  readonly name: "quiet" | "all" | Abuse;
  readonly abuses: readonly Abuse[];
  /** Milliseconds since the beginning: in these it is done... */
  readonly fromMs: number;
  readonly calmMs: number;
  /** ...and in the rest what it left behind is worked off. */
  readonly toMs: number;
}

export const PHASE_SECONDS_MIN = 2;
const CALM_SHARE = 0.25;

export const planOf = (seconds: number, abuses: readonly Abuse[]): readonly Phase[] => {
  const together: Pick<Phase, "name" | "abuses"> = { name: "all", abuses };
  const phases: Pick<Phase, "name" | "abuses">[] = [
    { name: "quiet", abuses: [] },
    ...abuses.flatMap((abuse) => [{ name: abuse, abuses: [abuse] }, ...(abuses.length > 1 ? [together] : [])]),
  ];
  const lengthMs = (seconds * 1_000) / phases.length;
  return phases.map((phase, at) => {
    const fromMs = at * lengthMs;
    return { ...phase, fromMs, calmMs: fromMs + (1 - CALM_SHARE) * lengthMs, toMs: fromMs + lengthMs };
  });
};

/** The phase of a moment; what comes after the end belongs to the last one. */
export const phaseAt = (plan: readonly Phase[], atMs: number): Phase | undefined =>
  plan.findLast(({ fromMs }) => fromMs <= atMs) ?? plan[0];

export const titleOf = (name: Phase["name"]): string =>
  name === "quiet" ? "nothing" : name === "all" ? "**all of these at once**" : ABUSES[name];
