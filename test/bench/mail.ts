/** (c) Mails per second to a local server, against a plain nodemailer pool with the same mails. */

import { runChild } from "./child.js";
import type { BenchContext, PartReport } from "./report.js";
import { median, ratio } from "./stats.js";

export interface MailBenchJob {
  readonly contestant: "pool" | "product";
  readonly port: number;
  readonly connections: number;
  readonly mails: number;
  readonly alertsAMail: number;
  /** Default 100, as the pool's. */
  readonly mailsPerConnection?: number;
  readonly tls?: boolean;
}

export interface MailBenchResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const CONNECTIONS = 8;
const ALERTS_A_MAIL = 5;

/** `before`: the product as another checkout builds it. */
const CONTESTANTS = ["pool", "product", "before"] as const;
type Contestant = (typeof CONTESTANTS)[number];

export async function benchMail(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const { mails, against } = options;
  const sink = await context.sink();
  const runs: Record<Contestant, MailBenchResult[]> = { pool: [], product: [], before: [] };
  for (let round = 1; round <= options.rounds; round++) {
    for (const contestant of CONTESTANTS) {
      const isBefore = contestant === "before";
      if (isBefore && against === undefined) continue;
      const job: MailBenchJob = {
        contestant: isBefore ? "product" : contestant,
        port: sink.port,
        connections: CONNECTIONS,
        mails,
        alertsAMail: ALERTS_A_MAIL,
      };
      const build = isBefore ? against : undefined;
      const result = await runChild<MailBenchJob, MailBenchResult>("mail-child.js", job, signal, build);
      const arrived = (await sink.take()).length;
      if (arrived !== mails) throw new Error(`${arrived} mails arrived, not ${mails}`);
      runs[contestant].push(result);
      say(`c  round ${round} ${contestant}: ${Math.round(mails / result.seconds)} mails/s`);
    }
  }
  const rate = (of: Contestant) => runs[of].map(({ seconds }) => mails / seconds);
  const cpu = (of: Contestant) => runs[of].map(({ cpuSeconds }) => (cpuSeconds / mails) * 1e6);
  const row = (name: string, of: Contestant) => ({
    name,
    figures: { "mails/s": Math.round(median(rate(of))), "CPU µs a mail": Math.round(median(cpu(of))) },
  });
  return {
    part: "c",
    title: `mails/s, ${mails} mails of ${ALERTS_A_MAIL} alerts, text and HTML, ${CONNECTIONS} connections`,
    how: "The pool gets its texts ready made; the product reads the alerts from its buffer, renders, sends, settles, counts and logs.",
    rows: [
      row("nodemailer pool", "pool"),
      row("alert-digest", "product"),
      ...(against === undefined ? [] : [row("alert-digest before", "before")]),
    ],
    ratios: [
      { name: "of the nodemailer pool", value: ratio(rate("product"), rate("pool")), aim: { atLeast: 1.5 } },
      { name: "CPU a mail, of the same", value: ratio(cpu("product"), cpu("pool")) },
      ...(against === undefined
        ? []
        : [
            {
              name: "CPU a mail, of alert-digest before",
              value: ratio(cpu("product"), cpu("before")),
              aim: { atMost: 0.6 },
            },
          ]),
    ],
    raw: runs,
  };
}
