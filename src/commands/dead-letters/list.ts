import { cutWithin } from "../../core/at-most.js";
import { printable, terminalSafeJson } from "../printable.js";
import { byAge } from "./filter.js";
import type { Journal, OffsetRuns } from "./journal.js";
import { type Letter, nameOf, offsetsOf } from "./letter.js";
import { parseWindowDocument } from "./window-document.js";

/** What the list says of a letter; the letter's bytes are gone, so that long topics fit into memory. */
export interface ListedLetter {
  readonly letter: Letter;
  readonly device: string;
  /** Undefined: the document cannot be read. */
  readonly alerts: number | undefined;
  /** Where its alerts are; only of one whose alerts say that they came back. */
  readonly offsets: OffsetRuns;
}

const NO_BYTES = Buffer.alloc(0);

export const listed = (letter: Letter): ListedLetter => {
  const parsed = letter.kind === "window" ? parseWindowDocument(letter.value) : undefined;
  const document = parsed?.ok === true ? parsed.document : undefined;
  return {
    letter: { ...letter, value: NO_BYTES, key: null, headers: new Map(), ownHeaders: {} },
    device: document?.deviceId ?? letter.device ?? "-",
    alerts: letter.kind === "record" ? 1 : document?.count,
    offsets: letter.toldRedrives === 0 ? [] : offsetsOf(letter, document),
  };
};

export const oldest = (letters: readonly ListedLetter[], limit: number): readonly ListedLetter[] =>
  [...letters].sort((a, b) => byAge(a.letter, b.letter)).slice(0, limit);

/** Columns as wide as their widest cell; the detail, of any length, last. A long device ID is cut: `--json` has all of it. */
export const table = (letters: readonly ListedLetter[], journal: Journal): string => {
  const redrives = letters.map(({ letter, offsets }) => journal.redrivesOf(letter, offsets));
  const anyCameBack = redrives.some((count) => count > 0);
  const rows = letters.map(({ letter, device, alerts }, index) => {
    const before = journal.redrivenAt(letter, alerts);
    return [
      nameOf(letter),
      new Date(letter.failedAtMs).toISOString(),
      letter.kind,
      printable(`${letter.stage}/${letter.reason}`),
      narrow(printable(device)),
      `${alerts ?? "?"} ${alerts === 1 ? "alert" : "alerts"}`,
      ...(anyCameBack ? [`redrives ${redrives[index]}`] : []),
      `${before === undefined ? "" : `[redriven ${before}] `}${printable(letter.detail)}`,
    ];
  });
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
};

const DEVICE_WIDTH = 40;
const narrow = (text: string): string => cutWithin(text, DEVICE_WIDTH);

/** One JSON object a line. */
export const jsonLines = (letters: readonly ListedLetter[], journal: Journal): string =>
  letters
    .map(({ letter, device, alerts, offsets }) => {
      const { partition, offset, failedAtMs, kind, stage, reason, detail, group, source } = letter;
      const redrives = journal.redrivesOf(letter, offsets);
      const { topic, timestampMs } = source;
      const fields = {
        partition,
        offset,
        failedAt: new Date(failedAtMs).toISOString(),
        ...{ kind, stage, reason, device, alerts: alerts ?? null, redrives },
        redrivenAt: journal.redrivenAt(letter, alerts) ?? null,
        ...{ detail, group },
        source: { topic, partition: source.partition, offset: source.offset, timestamp: timestampMs },
      };
      return `${terminalSafeJson(JSON.stringify(fields))}\n`;
    })
    .join("");
