import fc from "fast-check";

/**
 * Checks a fast-check property. Environment: `SEED` (and `SEED_PATH`) rerun a failure, `RUNS_FACTOR` multiplies the number of runs.
 * A failure prints the command that reruns it. `rerun` is that command without the seed.
 */
export const checkProperty = <Ts>(property: fc.IProperty<Ts>, options: PropertyOptions): void =>
  fc.assert(property, parameters(options));

/** The same of a property that is a promise. */
export const checkAsyncProperty = <Ts>(property: fc.IAsyncProperty<Ts>, options: PropertyOptions): Promise<void> =>
  fc.assert(property, parameters(options));

interface PropertyOptions {
  readonly runs: number;
  readonly rerun: string;
}

const parameters = <Ts>(options: PropertyOptions): fc.Parameters<Ts> => {
  const { SEED, SEED_PATH, RUNS_FACTOR } = process.env;
  return {
    numRuns: Math.max(1, Math.round(options.runs * Number(RUNS_FACTOR ?? 1))),
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
    ...(SEED_PATH === undefined ? {} : { path: SEED_PATH }),
    reporter: (details) => {
      if (!details.failed) return;
      const path = details.counterexamplePath === null ? "" : `SEED_PATH=${details.counterexamplePath} `;
      const report = `${details.errorInstance}\n\n${fc.defaultReportMessage(details)}`;
      throw new Error(`${report}\n\nRerun: SEED=${details.seed} ${path}${options.rerun}`, {
        cause: details.errorInstance,
      });
    },
  };
};
