/** Bytes that are not what their schema says. The readers throw it, and `readWith` catches it: it never leaves this folder. */
export class NotAsSchema extends Error {
  override readonly name = "NotAsSchema";
}

/** A schema that cannot be used, with the reason as a sentence for the people who registered it. */
export class UnusableSchema extends Error {
  override readonly name = "UnusableSchema";
}

export type Reading = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly detail: string };

/** What the bytes say, or why they do not say it. Anything else that is thrown is a bug, and goes on. */
export const readWith = (read: () => unknown): Reading => {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof NotAsSchema) return { ok: false, detail: error.message };
    throw error;
  }
};
