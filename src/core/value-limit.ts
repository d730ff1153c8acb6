/** Largest value that is read as an alert, in bytes. */
export const MAX_VALUE_BYTES = 1024 * 1024;

/** Why a larger one is a dead letter. */
export const tooLarge = (bytes: number): string => `the value has ${bytes} bytes, at most ${MAX_VALUE_BYTES} are read`;
