/** A piece of SQL: `parameter` is `$1`, `$2`…; `end` is a semicolon; `text` is everything else, unchanged. */
export type SqlToken =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "parameter"; readonly number: number }
  | { readonly kind: "end" };

/**
 * Finds the parameters of a statement as PostgreSQL's scanner does (manual, 4.1 Lexical Structure): not in string literals (`''`, `E''`,
 * dollar-quoted), quoted identifiers, comments (block comments nest), or names that contain a dollar sign. An unfinished literal or comment reaches
 * to the end; PostgreSQL says what it thinks of it. Literals are read as with `standard_conforming_strings` on, the default since 9.1.
 */
export const sqlTokens = (sql: string): readonly SqlToken[] => {
  const tokens: SqlToken[] = [];
  let textFrom = 0;
  let at = 0;
  const cut = (length: number, token: SqlToken): void => {
    if (at > textFrom) tokens.push({ kind: "text", text: sql.slice(textFrom, at) });
    tokens.push(token);
    at += length;
    textFrom = at;
  };
  while (at < sql.length) {
    const parameter = matchAt(PARAMETER, sql, at);
    if (parameter !== undefined) cut(parameter.length, { kind: "parameter", number: Number(parameter.slice(1)) });
    else if (sql[at] === ";") cut(1, { kind: "end" });
    else at += skipLength(sql, at);
  }
  if (sql.length > textFrom) tokens.push({ kind: "text", text: sql.slice(textFrom) });
  return tokens;
};

/** Nothing but spaces and comments. */
export const isBlank = (sql: string): boolean => {
  for (let at = 0; at < sql.length; ) {
    const space = matchAt(BLANK, sql, at)?.length ?? (sql.startsWith("/*", at) ? blockCommentLength(sql, at) : 0);
    if (space === 0) return false;
    at += space;
  }
  return true;
};

const BLANK = /\s+|--[^\r\n]*/y;
const PARAMETER = /\$\d+/y;
/** What has no parameter in it, however it looks; the first that fits counts. */
const WHOLE = [
  // The backslash escapes, only here.
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)/y,
  /'(?:[^']|'')*(?:'|$)/y,
  /"(?:[^"]|"")*(?:"|$)/y,
  /--[^\r\n]*/y,
  /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy,
] as const;
const DOLLAR_QUOTE = /\$(?:[\p{L}_][\p{L}\p{M}\p{N}_]*)?\$/uy;

const matchAt = (pattern: RegExp, sql: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
};

const skipLength = (sql: string, at: number): number => {
  for (const pattern of WHOLE) {
    const found = matchAt(pattern, sql, at);
    if (found !== undefined) return found.length;
  }
  const quote = matchAt(DOLLAR_QUOTE, sql, at);
  if (quote !== undefined) {
    const end = sql.indexOf(quote, at + quote.length);
    return (end === -1 ? sql.length : end + quote.length) - at;
  }
  return sql.startsWith("/*", at) ? blockCommentLength(sql, at) : 1;
};

const blockCommentLength = (sql: string, from: number): number => {
  let depth = 0;
  for (let at = from; at < sql.length; ) {
    if (sql.startsWith("/*", at)) depth++;
    else if (sql.startsWith("*/", at)) depth--;
    else {
      at++;
      continue;
    }
    at += 2;
    if (depth === 0) return at - from;
  }
  return sql.length - from;
};
