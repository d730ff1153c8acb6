/** What has to be undone, in reverse order; each once, whatever the others do. */
export interface Cleanup {
  add(what: string, undo: () => Promise<unknown>): void;
  /** Resolves with one line for each that failed. */
  run(): Promise<string[]>;
}

const DEADLINE_MS = 30_000;

const withDeadline = async (promise: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

export function createCleanup(): Cleanup {
  const steps: { readonly what: string; readonly undo: () => Promise<unknown> }[] = [];
  return {
    add: (what, undo) => void steps.push({ what, undo }),
    run: async () => {
      const failed: string[] = [];
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        try {
          await withDeadline(step.undo());
        } catch (error) {
          failed.push(`${step.what}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      return failed;
    },
  };
}
