/** Alerts from a file with one a line, judged by the decoder that judges records. */

import type { Alert } from "../../core/alert.js";
import { NEWLINE } from "../../core/ascii.js";
import type { AlertCodec } from "../../runtime/ports.js";

export interface AlertLine {
  /** From 1. */
  readonly line: number;
  readonly alert: Alert;
}

export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export const readAlertLines = (
  file: Buffer,
  codec: AlertCodec,
): { readonly alerts: readonly AlertLine[]; readonly bad: readonly BadLine[] } => {
  const alerts: AlertLine[] = [];
  const bad: BadLine[] = [];
  for (const { line, value } of linesOf(file)) {
    const decoded = codec.decode({ key: null, value });
    if (decoded.kind === "alert") alerts.push({ line, alert: codec.parse(decoded.bytes) });
    else if (decoded.kind === "unreadable") bad.push({ line, reason: `${decoded.reason}: ${decoded.detail}` });
  }
  return { alerts, bad };
};

/** Lines of a file, numbered from 1, without blanks around them. Empty lines are passed over, a byte order mark at the beginning too. */
export function* linesOf(file: Buffer): Generator<{ readonly line: number; readonly value: Buffer }> {
  let [line, start] = [0, file.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0];
  while (start < file.length) {
    line++;
    const newline = file.indexOf(NEWLINE, start);
    const end = newline < 0 ? file.length : newline;
    // Bytes as they are, not decoded text: what is not UTF-8 is told of as in a record.
    const value = trimmed(file.subarray(start, end));
    start = end + 1;
    if (value.length > 0) yield { line, value };
  }
}

const trimmed = (line: Buffer): Buffer => {
  let [from, to] = [0, line.length];
  while (from < to && BLANK.has(line[from])) from++;
  while (to > from && BLANK.has(line[to - 1])) to--;
  return line.subarray(from, to);
};

const BLANK: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0d]);
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
