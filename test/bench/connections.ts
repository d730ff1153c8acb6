/** (g) Mails per second with ten mails a connection, against a hundred: in clear, and with TLS sessions that go on. */

import { runChild } from "./child.js";
import type { MailBenchJob, MailBenchResult } from "./mail.js";
import type { BenchContext, PartReport } from "./report.js";
import { type SmtpSink, startSmtpSink } from "./smtp-sink.js";
import { median, ratio } from "./stats.js";

const CONNECTIONS = 8;
const ALERTS_A_MAIL = 5;
const SHARES = [10, 100] as const;

export async function benchConnections(context: BenchContext): Promise<PartReport> {
  const secured = await startSmtpSink({ tls: true });
  try {
    const clear = await runs(context, await context.sink(), false);
    const tls = await runs(context, secured, true);
    return report(context.options.mails, { clear, tls });
  } finally {
    await secured.close();
  }
}

type Runs = Record<(typeof SHARES)[number], MailBenchResult[]>;

async function runs({ options, signal, say }: BenchContext, sink: SmtpSink, tls: boolean): Promise<Runs> {
  const { mails } = options;
  const all: Runs = { 10: [], 100: [] };
  for (let round = 1; round <= options.rounds; round++) {
    for (const mailsPerConnection of SHARES) {
      const job: MailBenchJob = {
        contestant: "product",
        port: sink.port,
        connections: CONNECTIONS,
        mails,
        alertsAMail: ALERTS_A_MAIL,
        mailsPerConnection,
        tls,
      };
      const result = await runChild<MailBenchJob, MailBenchResult>("mail-child.js", job, signal);
      const arrived = (await sink.take()).length;
      if (arrived !== mails) throw new Error(`${arrived} mails arrived, not ${mails}`);
      all[mailsPerConnection].push(result);
      const how = `${mailsPerConnection} a connection, ${tls ? "TLS" : "clear"}`;
      say(`g  round ${round} ${how}: ${Math.round(mails / result.seconds)} mails/s`);
    }
  }
  return all;
}

function report(mails: number, all: { readonly clear: Runs; readonly tls: Runs }): PartReport {
  const rate = (of: readonly MailBenchResult[]) => of.map(({ seconds }) => mails / seconds);
  const cpu = (of: readonly MailBenchResult[]) => of.map(({ cpuSeconds }) => (cpuSeconds / mails) * 1e6);
  const row = (name: string, of: readonly MailBenchResult[]) => ({
    name,
    figures: { "mails/s": Math.round(median(rate(of))), "CPU µs a mail": Math.round(median(cpu(of))) },
  });
  const aim = { atLeast: 0.8 };
  return {
    part: "g",
    title: `mails/s with 10 mails a connection, ${mails} mails of ${ALERTS_A_MAIL} alerts, ${CONNECTIONS} connections`,
    how: "Each connection but the first goes on with the TLS session of one before.",
    rows: [
      row("in clear, 10 a connection", all.clear[10]),
      row("in clear, 100 a connection", all.clear[100]),
      row("TLS, 10 a connection", all.tls[10]),
      row("TLS, 100 a connection", all.tls[100]),
    ],
    ratios: [
      { name: "10 against 100 a connection, in clear", value: ratio(rate(all.clear[10]), rate(all.clear[100])), aim },
      { name: "the same by CPU time", value: ratio(cpu(all.clear[100]), cpu(all.clear[10])) },
      { name: "10 against 100 a connection, TLS", value: ratio(rate(all.tls[10]), rate(all.tls[100])), aim },
      { name: "the same by CPU time", value: ratio(cpu(all.tls[100]), cpu(all.tls[10])) },
    ],
    raw: all,
  };
}
