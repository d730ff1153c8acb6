import { spawn } from "node:child_process";

/** How long an opener may take to say that it cannot; some stay as long as what they opened. */
const ANSWER_MS = 3_000;

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ["open"],
  // `start` takes the first quoted argument for a title.
  win32: ["cmd", "/c", "start", ""],
};

/** Opens a file with what the system has for it. Undefined: it is open; else why not, as a sentence. Never rejects. */
export const openFile = (path: string, platform = process.platform): Promise<string | undefined> =>
  new Promise((resolve) => {
    const [command, ...args] = OPENERS[platform] ?? ["xdg-open"];
    const child = spawn(command, [...args, path], { stdio: "ignore", detached: true });
    const timer = setTimeout(() => answer(undefined), ANSWER_MS);
    const answer = (problem: string | undefined): void => {
      clearTimeout(timer);
      // It may go on without us.
      child.unref();
      resolve(problem);
    };
    child.on("error", (error: NodeJS.ErrnoException) =>
      answer(error.code === "ENOENT" ? `there is no ${command} here` : error.message),
    );
    child.on("exit", (code) => answer(code === 0 ? undefined : `${command} ended with ${code}`));
  });
