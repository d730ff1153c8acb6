/** What the demo prints while it runs: one line that changes on a terminal, a line now and then elsewhere. */

export interface LiveNumbers {
  readonly alertsIn: number;
  /** Undefined: not known yet. */
  readonly windowsOpen: number | undefined;
  readonly mails: number;
  readonly lag: number | undefined;
  /** Undefined once devices have stopped and the last windows are awaited. */
  readonly secondsLeft: number | undefined;
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

export function liveLine(numbers: LiveNumbers): string {
  const left = numbers.secondsLeft === undefined ? "last windows" : `${numbers.secondsLeft} s left`;
  return [
    `alerts in ${count(numbers.alertsIn)}`,
    `windows open ${count(numbers.windowsOpen)}`,
    `mails sent ${count(numbers.mails)}`,
    `lag ${count(numbers.lag)}`,
    left,
  ].join(" · ");
}

export function createTerminal(output: TerminalOutput, now: () => number): Terminal {
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
      const line = liveLine(numbers);
      if (output.isTTY) {
        // Cut, not wrapped: a wrapped line can't be overwritten.
        output.write(`\r\u001b[K${line.slice(0, Math.max(20, (output.columns || 80) - 1))}`);
        open = true;
      } else if (now() - printedAt >= PLAIN_EVERY_MS) {
        output.write(`${line}\n`);
        printedAt = now();
      }
    },
    endLive,
  };
}
