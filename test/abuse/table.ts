/** What docs/abuse.md says of a run, as Markdown, and which bounds were passed. Pure. */

import type { Counted } from "./counted.js";
import type { PhaseFigures } from "./figures.js";
import type { Bounds } from "./options.js";
import { titleOf } from "./plan.js";

export interface AbuseResult {
  readonly seconds: number;
  readonly windowSeconds: number;
  readonly processors: number;
  /** Median of the machine's load. */
  readonly load: number;
  readonly phases: readonly PhaseFigures[];
  readonly mails: number;
  /** Alerts of ordinary devices in more mails than one. */
  readonly repeated: number;
  readonly counted: Counted;
  /** Records that unpack to more than a record may have: each has to be a dead letter. */
  readonly tooLarge: number;
  readonly deadLetters: number;
  /** What should not have been; empty when all is well. */
  readonly problems: readonly string[];
  /** Lines of the instances' logs from warnings up, how often each. */
  readonly lines: Readonly<Record<string, number>>;
}

const MEGABYTE = 2 ** 20;
const whole = (value: number): string => Math.round(value).toLocaleString("en");
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
const precise = (ms: number): string => (ms / 1_000).toFixed(2);
const share = (part: number | undefined): string => (part === undefined ? "–" : `${Math.round(100 * part)} %`);
const megabytes = (bytes: number | undefined): string => (bytes === undefined ? "–" : whole(bytes / MEGABYTE));

export function table(result: AbuseResult): string {
  const { phases, counted, tooLarge, deadLetters } = result;
  const alerts = phases.reduce((sum, phase) => sum + phase.alerts, 0);
  const lost = phases.reduce((sum, phase) => sum + phase.lost, 0);
  return [
    `${whole(result.seconds)} seconds, windows of ${result.windowSeconds} s, ${result.processors} processors for everything, with a median load of ${result.load.toFixed(1)}.`,
    "",
    `- ordinary devices: ${whole(alerts)} alerts in ${whole(result.mails)} mails, ${lost} lost, ${result.repeated} repeated`,
    `- abusers: ${whole(counted.written)} valid alerts in ${whole(counted.mails)} mails, ${counted.lost} lost, ${counted.repeated} repeated`,
    `- records too large to be read: ${tooLarge}, of which ${deadLetters} are dead letters`,
    "",
    "| abuse | seconds | alerts | lost | delay p99, s | largest, s | `/livez`, s | for probes, s | processor | RSS, MB |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ...phases.map((phase) => {
      const cells = [
        titleOf(phase.name),
        whole(phase.seconds),
        whole(phase.alerts),
        phase.lost,
        seconds(phase.delayP99Ms),
        seconds(phase.delayMostMs),
        precise(phase.pageLivezMs),
        precise(phase.probeLivezMs),
        share(phase.processorShare),
        megabytes(phase.rssBytes),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
    "",
  ].join("\n");
}

export function missedGoals(result: AbuseResult, bounds: Bounds): string[] {
  const { phases, counted, tooLarge, deadLetters, repeated } = result;
  const goals: [boolean, string][] = [
    ...phases.flatMap((phase): [boolean, string][] => [
      [phase.lost > 0, `${phase.name}: lost ${phase.lost} alerts of ordinary devices`],
      [
        phase.delayP99Ms > bounds.delayP99Ms,
        `${phase.name}: one alert in a hundred came ${seconds(phase.delayP99Ms)} s after its window or later, bound ${seconds(bounds.delayP99Ms)} s`,
      ],
      [
        phase.delayMostMs > bounds.delayMostMs,
        `${phase.name}: an alert came ${seconds(phase.delayMostMs)} s after its window, bound ${seconds(bounds.delayMostMs)} s`,
      ],
      [
        // Where others run on the processors, too, the wait for one is not the product's.
        phase.probeLivezMs * (phase.processorShare ?? 1) > bounds.livezMs,
        `${phase.name}: /livez took ${precise(phase.probeLivezMs)} s with ${share(phase.processorShare)} of the processor, bound ${precise(bounds.livezMs)} s with all of it`,
      ],
      [
        (phase.rssBytes ?? 0) > bounds.rssBytes,
        `${phase.name}: ${megabytes(phase.rssBytes)} MB resident, bound ${megabytes(bounds.rssBytes)} MB`,
      ],
    ]),
    [repeated > 0, `repeated ${repeated} alerts of ordinary devices, though nobody was ended`],
    [counted.lost > 0, `lost ${counted.lost} alerts of abusers`],
    [counted.repeated > 0, `repeated ${counted.repeated} alerts of abusers, though nobody was ended`],
    [deadLetters !== tooLarge, `${deadLetters} dead letters for ${tooLarge} records that are too large`],
  ];
  return [...goals.flatMap(([missed, text]) => (missed ? [text] : [])), ...result.problems];
}
