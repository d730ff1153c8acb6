import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const TIMEOUT_MS = 240_000;

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that ends by itself, as a shell would run it; with this environment and nothing else of ours. */
export const runCli = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> =>
  new Promise((resolve, reject) => {
    const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
    const options = {
      env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL" as const,
    };
    const child = spawn(process.execPath, [CLI, ...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
