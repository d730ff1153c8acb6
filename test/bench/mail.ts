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

export async function benchMail(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const { mails } = options;
  const sink = await context.sink();
  const runs: Record<MailBenchJob["contestant"], MailBenchResult[]> = { pool: [], product: [] };
  for (let round = 1; round <= options.rounds; round++) {
    for (const contestant of ["pool", "product"] as const) {
      const job: MailBenchJob = {
        contestant,
        port: sink.port,
        connections: CONNECTIONS,
        mails,
        alertsAMail: ALERTS_A_MAIL,
      };
      const result = await runChild<MailBenchJob, MailBenchResult>("mail-child.js", job, signal);
      const arrived = (await sink.take()).length;
      if (arrived !== mails) throw new Error(`${arrived} mails arrived, not ${mails}`);
      runs[contestant].push(result);
      say(`c  round ${round} ${contestant}: ${Math.round(mails / result.seconds)} mails/s`);
    }
  }
  const rate = (of: MailBenchJob["contestant"]) => runs[of].map(({ seconds }) => mails / seconds);
  const cpu = (of: MailBenchJob["contestant"]) => runs[of].map(({ cpuSeconds }) => (cpuSeconds / mails) * 1e6);
  const row = (name: string, of: MailBenchJob["contestant"]) => ({
    name,
    figures: { "mails/s": Math.round(median(rate(of))), "CPU µs a mail": Math.round(median(cpu(of))) },
  });
  return {
    part: "c",
    title: `mails/s, ${mails} mails of ${ALERTS_A_MAIL} alerts, text and HTML, ${CONNECTIONS} connections`,
    how: "The pool gets its texts ready made; the product reads the alerts from its buffer, renders, sends, settles, counts and logs.",
    rows: [row("nodemailer pool", "pool"), row("alert-digest", "product")],
    ratios: [
      { name: "of the nodemailer pool", value: ratio(rate("product"), rate("pool")), aim: { atLeast: 1.5 } },
      { name: "of the same, by CPU time", value: ratio(cpu("pool"), cpu("product")) },
    ],
    raw: runs,
  };
}
