/** A thread of its own for what takes a tenth of a second and would hold everything else for as long. */

import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";
import type { Answered, Asked } from "./bcrypt.js";

parentPort?.on("message", ({ id, password, hash }: Asked) => {
  const answer: Answered = { id, matches: compareSync(password, hash) };
  parentPort?.postMessage(answer);
});
