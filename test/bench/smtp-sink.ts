/**
 * The fastest SMTP server that is still one: takes every mail, keeps none. What is measured against it is the sender.
 * Runs in a process of its own (`smtp-sink-main.ts`); this is the handle to it.
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Is deferred whenever it is asked for. */
export const DEFERRED = "full@alert-digest.example";

export interface AcceptedMail {
  /** When the reply to the final dot was written, milliseconds since the epoch. */
  readonly at: number;
  /** The header X-Alert-Digest-Window, or "". */
  readonly window: string;
}

export interface SmtpSink {
  readonly port: number;
  /** Everything accepted since the last call. */
  take(): Promise<readonly AcceptedMail[]>;
  close(): Promise<void>;
}

/** `tls`: from the first byte, with `TEST_CERTIFICATE`; sessions can go on. */
export async function startSmtpSink({ tls = false } = {}): Promise<SmtpSink> {
  const child = fork(fileURLToPath(new URL("smtp-sink-main.js", import.meta.url)), tls ? ["tls"] : [], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
  });
  const port = await answer<number>(child);
  return {
    port,
    take: () => {
      const accepted = answer<AcceptedMail[]>(child);
      child.send("take");
      return accepted;
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

const answer = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("the SMTP sink ended"));
    child.once("exit", ended);
    child.once("message", (message: T) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
