import { isBlank, sqlTokens } from "./sql-tokens.js";

/** A query for one device made one for many, or what is wrong with it. */
export type BatchStatement =
  | {
      readonly ok: true;
      /**
       * `$1`: device IDs (text[]), `$2`: their labels (jsonb[]), in the same order. The first column of each row is the place of its device in that
       * order, from 1; the last one is how many rows its device has, of which at most one more than `rowsMax` are counted, and one alone comes where they
       * are more. The one before it numbers them; the others are those of the query.
       */
      readonly sql: string;
      /** Whether the answer may depend on labels. */
      readonly usesLabels: boolean;
    }
  | { readonly ok: false; readonly problem: string };

/** A name no query has. */
const REQUEST = "alert_digest_request";
const COLUMNS = [`${REQUEST}.device_id`, `${REQUEST}.labels`] as const;

/** `query`: one SELECT with `$1`, a device ID (text), and `$2`, its labels (jsonb, an object of strings). */
export const batchStatement = (query: string, rowsMax: number): BatchStatement => {
  let inner = "";
  let usesLabels = false;
  let ended = false;
  for (const token of sqlTokens(query)) {
    if (token.kind === "end") {
      ended = true;
      continue;
    }
    if (ended) {
      if (token.kind === "text" && isBlank(token.text)) continue;
      return { ok: false, problem: "it is more than one statement: something follows a semicolon" };
    }
    if (token.kind === "text") {
      inner += token.text;
      continue;
    }
    const column = COLUMNS[token.number - 1];
    if (column === undefined)
      return { ok: false, problem: `it has $${token.number}: there are $1 (device ID) and $2 (labels) only` };
    usesLabels ||= token.number === 2;
    inner += column;
  }
  // The line break ends a comment at the query's end.
  const sql =
    `SELECT ${REQUEST}.place, recipient.* FROM unnest($1::text[], $2::jsonb[]) ` +
    `WITH ORDINALITY AS ${REQUEST}(device_id, labels, place) CROSS JOIN LATERAL (` +
    `SELECT answer.*, row_number() OVER () AS ${REQUEST}_row, count(*) OVER () AS ${REQUEST}_rows FROM (` +
    `SELECT * FROM (${inner}\n) AS query LIMIT ${rowsMax + 1}) AS answer) AS recipient ` +
    `WHERE recipient.${REQUEST}_rows <= ${rowsMax} OR recipient.${REQUEST}_row = 1`;
  return { ok: true, sql, usesLabels };
};
