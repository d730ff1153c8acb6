import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
const OUTPUT_MAX = 64 * 1024 ** 2;

export interface Container {
  readonly name: string;
  /** Runs a command inside; resolves with its exit code and everything it printed. */
  exec(...command: string[]): Promise<{ readonly code: number; readonly output: string }>;
  /** What the image's own health check says now; run here, because without an init system nobody runs it in time. */
  healthy(): Promise<boolean>;
  /** SIGTERM, and SIGKILL after `seconds`; resolves with the exit code. */
  stop(seconds: number): Promise<number>;
  logs(): Promise<string>;
  remove(): Promise<void>;
}

export interface ContainerTool {
  build(target: string, tag: string): Promise<void>;
  /** The image's configuration, as `inspect` shows it. */
  user(tag: string): Promise<string>;
  /** On this machine's network, with what `docker-compose.yml` takes away taken away. */
  run(tag: string, name: string, environment: Readonly<Record<string, string>>): Promise<Container>;
}

/**
 * `podman` or `docker`, the first that answers; `CONTAINER_TOOL` names another, with its global options. `BUILD_OPTIONS` and `RUN_OPTIONS` are
 * added where a machine needs them. Undefined where there is none.
 */
export async function findContainerTool(root: string): Promise<ContainerTool | undefined> {
  const words = (name: string): string[] => (process.env[name] ?? "").split(" ").filter((word) => word !== "");
  const candidates = words("CONTAINER_TOOL").length > 0 ? [words("CONTAINER_TOOL")] : [["podman"], ["docker"]];
  for (const [command = "", ...global] of candidates) {
    const run = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = await execute(command, [...global, ...args], { cwd: root, maxBuffer: OUTPUT_MAX });
      return stdout + stderr;
    };
    if (await run("info").catch(() => undefined)) return toolOf(run, words("BUILD_OPTIONS"), words("RUN_OPTIONS"));
  }
  return undefined;
}

type Run = (...args: string[]) => Promise<string>;

const toolOf = (run: Run, buildOptions: string[], runOptions: string[]): ContainerTool => ({
  build: async (target, tag) => {
    // Podman's own format has no health check.
    const format = (await run("--version")).startsWith("podman") ? ["--format", "docker"] : [];
    await run("build", ...format, ...buildOptions, "--target", target, "--tag", tag, ".");
  },
  user: async (tag) => (await run("image", "inspect", "--format", "{{.Config.User}}", tag)).trim(),
  run: async (tag, name, environment) => {
    const variables = Object.entries(environment).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
    const hardened = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    await run("run", "--detach", "--network", "host", "--name", name, ...hardened, ...runOptions, ...variables, tag);
    return containerOf(run, name);
  },
});

const containerOf = (run: Run, name: string): Container => {
  const exec: Container["exec"] = async (...command) => {
    try {
      return { code: 0, output: await run("exec", name, ...command) };
    } catch (error) {
      const { code, stderr } = error as { code: number; stderr: string };
      return { code, output: stderr };
    }
  };
  const field = async (path: string): Promise<string> => (await run("inspect", "--format", `{{${path}}}`, name)).trim();
  return {
    name,
    exec,
    healthy: async () => {
      const check = JSON.parse(await field("json .Config.Healthcheck")) as { readonly Test: readonly string[] };
      return (await exec(...check.Test.slice(1))).code === 0;
    },
    stop: async (seconds) => {
      await run("stop", "--time", String(seconds), name);
      return Number(await field(".State.ExitCode"));
    },
    logs: () => run("logs", name),
    remove: () => run("rm", "--force", name).then(() => undefined),
  };
};
