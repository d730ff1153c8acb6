import type { Known } from "#src/config.js";

/** What `parseConfig` is told of the product, for tests that are not about it. */
export const KNOWN: Known = { locales: ["en", "ko"] };
