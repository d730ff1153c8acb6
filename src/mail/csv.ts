/**
 * Alerts as a CSV file that spreadsheets open without asking (RFC 4180: CRLF, quotes doubled; UTF-8 with a byte order mark, by which Excel
 * knows it). A record of the file is always one line, and nothing in it is a formula.
 */

import { Buffer } from "node:buffer";
import type { ArchivedAlert, ListedAlert } from "../runtime/ports.js";
import type { Steps } from "../runtime/turns.js";
import { cleanLine } from "./clean.js";
import type { LocalTime } from "./language.js";

/** Whether an alert that was read back from its topic had been late is not known. */
export type CsvAlert = ListedAlert | ArchivedAlert;

export interface CsvOptions {
  /** Of the mail: the column `localTime`. */
  readonly localTime: Pick<LocalTime, "format">;
  /** Of the whole file, with its byte order mark. */
  readonly maxBytes: number;
  /** What the last line says, in the column `message`, when the file holds these many alerts; undefined: no such line. */
  readonly note: (rows: number) => string | undefined;
}

export interface CsvFile {
  readonly content: Buffer;
  /** Alerts in it: the first ones. Fewer than given when `maxBytes` is reached, with 0 the content may be longer. */
  readonly rows: number;
}

export const CSV_COLUMNS = [
  "offset",
  "eventTime",
  "localTime",
  "occurredAt",
  "severity",
  "type",
  "status",
  "late",
  "message",
  "value",
  "threshold",
  "unit",
  "alertId",
  "labels",
  "asWritten",
] as const;

/** In the order given. The same bytes for the same alerts. */
export function* csvOf(alerts: readonly CsvAlert[], options: CsvOptions): Steps<CsvFile> {
  const lines = [Buffer.from(`\ufeff${CSV_COLUMNS.join(",")}\r\n`)];
  let bytes = lines[0]?.length ?? 0;
  let pause = bytes + STEP_BYTES;
  for (const alert of alerts) {
    if (bytes > pause) {
      yield;
      pause = bytes + STEP_BYTES;
    }
    const line = Buffer.from(lineOf(alert, options.localTime));
    if (bytes + line.length > options.maxBytes) break;
    lines.push(line);
    bytes += line.length;
  }
  let rows = lines.length - 1;
  let note = noteLine(options.note(rows));
  // The note is what must be in it.
  while (rows > 0 && bytes + note.length > options.maxBytes) {
    bytes -= lines.pop()?.length ?? 0;
    rows--;
    note = noteLine(options.note(rows));
  }
  return { content: Buffer.concat([...lines, note]), rows };
}

const STEP_BYTES = 128 * 1024;
/** An Excel cell holds 32,767 characters; an apostrophe, and what is said of a text that was cut, come on top. */
const TEXT_MAX = 32_000;

function lineOf(csvAlert: CsvAlert, localTime: CsvOptions["localTime"]): string {
  const { offset, eventTime, alert } = csvAlert;
  const late = "late" in csvAlert ? (csvAlert.late ? "yes" : "no") : "";
  const { asWritten } = alert;
  const labels = alert.labels === undefined ? "" : JSON.stringify(alert.labels);
  return `${[
    String(offset),
    new Date(eventTime).toISOString(),
    localTime.format(eventTime),
    cell(alert.occurredAt ?? asWritten?.occurredAt),
    alert.severity,
    cell(alert.type),
    alert.status,
    late,
    cell(alert.message),
    numberOf(alert.value) || cell(asWritten?.value),
    numberOf(alert.threshold) || cell(asWritten?.threshold),
    cell(alert.unit),
    cell(alert.alertId),
    cell(labels),
    asWritten === undefined ? "" : cell(JSON.stringify(asWritten)),
  ].join(",")}\r\n`;
}

function noteLine(note: string | undefined): Buffer {
  if (note === undefined) return Buffer.alloc(0);
  const at = CSV_COLUMNS.indexOf("message");
  return Buffer.from(`${CSV_COLUMNS.map((_, index) => (index === at ? cell(note) : "")).join(",")}\r\n`);
}

/** Not as text: -5 is no formula, and a spreadsheet is to calculate with it. */
const numberOf = (value: number | undefined): string => (value === undefined ? "" : String(value));

/**
 * What makes a spreadsheet calculate: `=`, `+`, `-`, `@` at the beginning (OWASP, "CSV Injection"), also as full-width characters, and behind what some
 * programs take off first: white space, quotes, characters that cannot be seen. And the same behind a semicolon, for where Excel's list separator
 * is one it splits lines there whatever the quotes say. TAB and CR, which OWASP names too, are spaces by then.
 */
const FORMULA = /^[\s"'\p{Cf}\p{Cc}\p{M}]*[=+\-@＝＋－＠﹢﹣﹦﹫−]/u;
const FORMULA_BEHIND = /;(?=[\s"'\p{Cf}\p{Cc}\p{M}]*[=+\-@＝＋－＠﹢﹣﹦﹫−])/gu;

function cell(text: string | undefined): string {
  if (text === undefined || text === "") return "";
  let line = cleanLine(text, TEXT_MAX);
  if (FORMULA.test(line)) line = `'${line}`;
  if (line.includes(";")) line = line.replace(FORMULA_BEHIND, ";'");
  return /[",;]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}
