import type { WrittenBytes } from "#src/core/partition-types.js";

/** A text in UTF-8, as it stands in a record: other bytes lie around it. */
export const written = (text: string): WrittenBytes => {
  const memory = Buffer.from(`"${text}",`);
  return { memory, from: 1, to: memory.length - 2 };
};
