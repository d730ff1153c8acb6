/** Bound of a run in which something is broken; a busy machine is to stay far below it. */
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * GET over a connection of its own. One that is kept may be closed by its server, which counts its idle seconds, at the moment when a busy machine asks over it
 * again.
 */
export const get = (url: string, timeoutMs = ANSWER_TIMEOUT_MS): Promise<Response> =>
  fetch(url, { headers: { connection: "close" }, signal: AbortSignal.timeout(timeoutMs) });
