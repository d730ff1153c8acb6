import type { DatabaseFailure } from "./lookup.js";

/** Of an error of pg or of Node. SQLSTATE: PostgreSQL manual, Appendix A. */
export const databaseFailure = (error: unknown, redact: (text: string) => string): DatabaseFailure => {
  const { code, message = String(error), syscall } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  const detail = redact(message.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim()).slice(0, 500) || "no reason given";
  return { kind: kindOf(typeof code === "string" ? code : undefined, message, syscall), code, detail };
};

const kindOf = (code: string | undefined, message: string, syscall: string | undefined): DatabaseFailure["kind"] => {
  if (message === "Query read timeout" || code === "57014") return "timeout";
  // A file that sslrootcert, sslcert or sslkey names.
  if (syscall === "open" || syscall === "read") return syscall === "open" ? "refused" : "away";
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return "away";
  if (REFUSED.has(code)) return "refused";
  // Not the connection's slots or the memory (53), an operator (57), the system (58), a transaction that lost (40), a standby (25).
  if (code.startsWith("42") || code === "0A000" || code === "3F000") return "query";
  return DATA_CLASSES.has(code.slice(0, 2)) ? "data" : "away";
};

/** Wrong user or password, no such database, a setting of the connection that something on the way does not take. */
const REFUSED = new Set(["28000", "28P01", "3D000", "08P01"]);
/** What depends on the values: cardinality, data, with check option, PL/pgSQL's RAISE. */
const DATA_CLASSES = new Set(["21", "22", "23", "44", "P0"]);
