import type { Addressing } from "#src/runtime/ports.js";

/** One message to all of them, with nothing special about it. */
export const everybody = (...to: string[]): Addressing => ({ look: {}, to, cc: [], bcc: [] });
