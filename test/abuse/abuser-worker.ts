/** A thread for each abuser: none of them holds up another, the mail server, or the clock. Messages `on`, `off` and `end` come in; `Told` and `ended` go out. */

import { setMaxListeners } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import type { Setup, StartAbuser, Told } from "./abuser.js";
import { startCrowd } from "./crowd.js";
import { startInvented } from "./invented.js";
import type { Abuse } from "./plan.js";
import { startFlood, startLabels, startLarge, startUnpacking } from "./producers.js";

/** The mail server is slow by itself. */
export type Thread = Exclude<Abuse, "mail">;

export interface WorkerData {
  readonly abuse: Thread;
  readonly setup: Setup;
}

const STARTS: Readonly<Record<Thread, StartAbuser>> = {
  large: startLarge,
  labels: startLabels,
  flood: startFlood,
  batches: startUnpacking,
  crowd: startCrowd,
  status: startInvented,
};

const { abuse, setup } = workerData as WorkerData;
const port = parentPort;
if (port === null) throw new Error("this runs in a thread");
const tell = (told: Told): void => port.postMessage(told);
const abuser = await STARTS[abuse](setup, tell);
let stop: AbortController | undefined;
let running: Promise<void> = Promise.resolve();

const off = async (): Promise<void> => {
  stop?.abort();
  stop = undefined;
  await running;
};
const on = (): void => {
  stop = new AbortController();
  setMaxListeners(0, stop.signal);
  running = abuser.run(stop.signal).catch((error: Error) => tell({ problem: `${abuse}: ${error.message}` }));
};

/** One after the other. */
let done: Promise<void> = Promise.resolve();
port.on("message", (message: "on" | "off" | "end") => {
  done = done.then(async () => {
    await off();
    if (message === "on") on();
    if (message !== "end") return;
    await abuser.close();
    port.postMessage("ended");
    port.close();
  });
});
port.postMessage("ready");
