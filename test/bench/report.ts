/** What a part of the benchmark needs and what it comes back with. */

import type { BenchOptions, Part } from "./options.js";
import type { SmtpSink } from "./smtp-sink.js";

export interface BenchContext {
  readonly options: BenchOptions;
  readonly signal: AbortSignal;
  /** A line of progress. */
  say(line: string): void;
  /** The broker, started when it is first asked for. */
  brokers(): Promise<string>;
  /** With a name of its own; deleted at the end. */
  createTopic(partitions: number): Promise<string>;
  sink(): Promise<SmtpSink>;
}

export interface PartReport {
  readonly part: Part;
  readonly title: string;
  /** What is measured and what is not. */
  readonly how: string;
  readonly rows: readonly { readonly name: string; readonly figures: Readonly<Record<string, number>> }[];
  /** Of alert-digest against the others. */
  readonly ratios: readonly {
    readonly name: string;
    readonly value: number;
    readonly aim?: { readonly atLeast: number } | { readonly atMost: number };
  }[];
  /** Every single measurement. */
  readonly raw: unknown;
}

export function formatReport({ part, title, how, rows, ratios }: PartReport): string {
  const columns = Object.keys(rows[0]?.figures ?? {});
  const table = [["", ...columns], ...rows.map(({ name, figures }) => [name, ...columns.map((c) => show(figures[c]))])];
  const widths = columns.map((_, at) => Math.max(...table.map((line) => line[at + 1]?.length ?? 0)));
  const nameWidth = Math.max(...table.map(([name = ""]) => name.length));
  const lines = table.map(([name = "", ...cells]) =>
    `  ${name.padEnd(nameWidth)}  ${cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("  ")}`.trimEnd(),
  );
  const sums = ratios.map(({ name, value, aim }) => {
    if (aim === undefined) return `  ${value.toFixed(2)} ${name}`;
    const [sign, bound, met] =
      "atLeast" in aim ? ["≥", aim.atLeast, value >= aim.atLeast] : ["≤", aim.atMost, value <= aim.atMost];
    return `  ${value.toFixed(2)} ${name} (aim ${sign} ${bound}: ${met ? "met" : "not met"})`;
  });
  return [`(${part}) ${title}`, ...lines, ...sums, `  ${how}`, ""].join("\n");
}

const show = (value: number | undefined): string =>
  value === undefined ? "" : Number.isInteger(value) ? value.toLocaleString("en-US") : String(value);
