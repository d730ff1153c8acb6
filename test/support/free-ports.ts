import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ranges that Linux (32768) and macOS (49152) take for outgoing connections: nothing else drifts onto them. */
const LOWEST = 18_000;
const HIGHEST = 32_000;
const ATTEMPTS = 200;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });

/**
 * Distinct ports that are free on 127.0.0.1 now, for programs that must be told their port and must find it again after
 * a restart. Another program may still take one: callers retry when binding fails.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt++) {
    if (attempt > ATTEMPTS) throw new Error(`no ${count} free ports on 127.0.0.1 between ${LOWEST} and ${HIGHEST}`);
    const port = randomInt(LOWEST, HIGHEST);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("unreachable");
  return port;
}
