/**
 * What the runtime needs from the outside world. `kafka`, `mail` and `http` implement these; tests implement them too.
 * Outcomes are values: an exception that crosses a port is a bug or a lost connection, never an answer.
 */

export * from "./ports/alert-source.js";
export * from "./ports/attachment.js";
export * from "./ports/dead-letters.js";
export * from "./ports/mail.js";
export * from "./ports/metrics.js";
export * from "./ports/recipients.js";
export * from "./ports/sending.js";
export * from "./ports/sent-log.js";
export * from "./ports/state.js";
export * from "./ports/translation.js";
