/** What the demo prints while it runs: one line that changes on a terminal, a line now and then elsewhere. */

import { columnsOf, type DemoTexts, type Which } from "./texts.js";

export interface LiveNumbers {
  readonly alerts: number;
  /** Undefined: not known yet. */
  readonly windowsOpen: number | undefined;
  readonly mails: number;
  /** Age of the oldest alert that is in no mail yet. */
  readonly oldestSeconds: number | undefined;
  readonly coming: Coming;
}

export interface Coming {
  readonly which: Which;
  /** Not above 0: they come now. */
  readonly seconds: number;
}

export interface Terminal {
  say(text: string): void;
  live(numbers: LiveNumbers): void;
  /** Leaves the live line as it is. */
  endLive(): void;
}

export interface TerminalOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const PLAIN_EVERY_MS = 5_000;

const count = (value: number | undefined): string => (value === undefined ? "–" : value.toLocaleString("en-US"));

/** When which mails come: at the end of a window and its grace. Devices send from `startMs` to `endMs`, the end of a window. */
export function comingMails(at: {
  readonly nowMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly windowMs: number;
  readonly graceMs: number;
  readonly mails: number;
}): Coming {
  const { nowMs, startMs, endMs, windowMs, graceMs, mails } = at;
  const from = mails === 0 ? startMs : nowMs - graceMs;
  const windowEnd = Math.min((Math.floor(from / windowMs) + 1) * windowMs, endMs);
  const seconds = Math.ceil((windowEnd + graceMs - nowMs) / 1_000);
  return { which: mails === 0 ? "first" : windowEnd === endMs ? "last" : "next", seconds };
}

export function liveLine(numbers: LiveNumbers, { live }: DemoTexts): string {
  const { which, seconds } = numbers.coming;
  const oldest = Math.round(numbers.oldestSeconds ?? 0);
  return [
    seconds > 0 ? live.mailsIn[which](seconds) : live.mailsNow[which],
    live.alerts(count(numbers.alerts)),
    live.windows(count(numbers.windowsOpen)),
    live.mails(count(numbers.mails)),
    ...(oldest > 0 ? [live.oldest(oldest)] : []),
  ].join(" · ");
}

export function createTerminal(output: TerminalOutput, now: () => number, texts: DemoTexts): Terminal {
  let open = false;
  let printedAt = Number.NEGATIVE_INFINITY;
  const endLive = (): void => {
    if (open) output.write("\n");
    open = false;
  };
  return {
    say: (text) => {
      endLive();
      output.write(`${text}\n`);
    },
    live: (numbers) => {
      const line = liveLine(numbers, texts);
      if (output.isTTY) {
        // Cut, not wrapped: a wrapped line can't be overwritten.
        output.write(`\r\u001b[K${cut(line, Math.max(20, (output.columns || 80) - 1))}`);
        open = true;
      } else if (now() - printedAt >= PLAIN_EVERY_MS) {
        output.write(`${line}\n`);
        printedAt = now();
      }
    },
    endLive,
  };
}

function cut(line: string, columns: number): string {
  let kept = line;
  while (columnsOf(kept) > columns) kept = kept.slice(0, -1);
  return kept;
}
