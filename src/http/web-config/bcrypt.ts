import { Worker } from "node:worker_threads";
import type { VerifyPassword } from "./logins.js";

export interface Asked {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

export interface Answered {
  readonly id: number;
  readonly matches: boolean;
}

/** Verifies passwords in a thread that is started for the first of them. It does not keep the process. */
export const createBcrypt = (): { readonly verify: VerifyPassword; close(): Promise<void> } => {
  let worker: Worker | undefined;
  let ids = 0;
  const waiting = new Map<number, { resolve(matches: boolean): void; reject(error: Error): void }>();
  const start = (): Worker => {
    const started = new Worker(new URL("./bcrypt-worker.js", import.meta.url));
    started.unref();
    started.on("message", ({ id, matches }: Answered) => {
      waiting.get(id)?.resolve(matches);
      waiting.delete(id);
    });
    // The next password starts another one.
    const ended = (error: Error): void => {
      worker = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on("error", ended);
    started.on("exit", () => ended(new Error("the thread that verifies passwords ended")));
    return started;
  };
  return {
    verify: (password, hash) =>
      new Promise((resolve, reject) => {
        worker ??= start();
        const asked: Asked = { id: ids++, password, hash };
        waiting.set(asked.id, { resolve, reject });
        worker.postMessage(asked);
      }),
    async close() {
      await worker?.terminate();
    },
  };
};
