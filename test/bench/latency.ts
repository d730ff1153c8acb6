/** (d) From a window's end to the accepted mail, every device's window ending at the same instant; the product as its users run it. */

import { setTimeout as sleep } from "node:timers/promises";
import { startProducer } from "../support/producer.js";
import { startProduct } from "../support/product.js";
import { createAlertSource } from "./alerts.js";
import { MAIL_FROM, MAIL_TO } from "./product-parts.js";
import type { BenchContext, PartReport } from "./report.js";
import type { AcceptedMail } from "./smtp-sink.js";
import { quantile } from "./stats.js";

const PARTITIONS = 6;
const WINDOW_MS = 10_000;
const GRACE_MS = 2_000;
const ALERTS_A_DEVICE = 3;
/** Alerts come spread over the middle of a window: none is near its edges, where a slow machine would move it. */
const FIRST_AT = 0.2;
const LAST_AT = 0.7;
const WAIT_MAX_MS = 60_000;

export async function benchLatency(context: BenchContext): Promise<PartReport> {
  const { options, signal, say } = context;
  const { devices, windows } = options;
  const brokers = await context.brokers();
  const sink = await context.sink();
  const topic = await context.createTopic(PARTITIONS);
  const deadLetters = await context.createTopic(1);
  await using product = await startProduct({
    env: {
      KAFKA_BROKERS: brokers,
      KAFKA_GROUP_ID: topic,
      KAFKA_ALERTS_TOPIC: topic,
      KAFKA_DEAD_LETTER_TOPIC: deadLetters,
      WINDOW_SIZE: `${WINDOW_MS}ms`,
      WINDOW_GRACE: `${GRACE_MS}ms`,
      SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
      MAIL_FROM,
      MAIL_TO,
    },
  });
  await product.waitReady();
  const producer = await startProducer(brokers);
  const accepted: AcceptedMail[] = [];
  try {
    await sink.take();
    const start = (Math.floor(Date.now() / WINDOW_MS) + 1) * WINDOW_MS;
    const source = createAlertSource(start);
    let serial = 0;
    for (let window = 0; window < windows; window++) {
      for (let turn = 0; turn < ALERTS_A_DEVICE; turn++) {
        const share = FIRST_AT + ((LAST_AT - FIRST_AT) * turn) / (ALERTS_A_DEVICE - 1);
        const at = start + (window + share) * WINDOW_MS;
        await sleep(Math.max(0, at - Date.now()), undefined, { signal });
        const records = Array.from({ length: devices }, (_, device) => {
          const { deviceId, value } = source.alert(serial++, device);
          return { key: deviceId, value, timestamp: Math.round(at) };
        });
        await producer.send(topic, records);
      }
      say(`d  window ${window + 1} of ${windows} written`);
    }
    const deadline = Date.now() + WAIT_MAX_MS;
    while (accepted.length < devices * windows) {
      if (Date.now() > deadline) throw new Error(`${accepted.length} of ${devices * windows} mails came`);
      await sleep(100, undefined, { signal });
      accepted.push(...(await sink.take()));
    }
  } finally {
    await producer.close();
  }
  const delays = accepted.map(({ at, window }) => at - Date.parse(window.split("/")[1] ?? ""));
  if (delays.length !== devices * windows || !delays.every(Number.isFinite))
    throw new Error("mails are not as expected");
  const code = await product.stop();
  if (code !== 0) throw new Error(`the product ended with ${code}`);
  const seconds = (q: number, from = 0) => Number(((quantile(delays, q) - from) / 1_000).toFixed(3));
  return {
    part: "d",
    title: `seconds from a window's end to its accepted mail, ${devices} devices at once, ${windows} windows`,
    how: `\`alert-digest run\` with a grace of ${GRACE_MS / 1_000} s, which is the first part of every delay; the server's clock at its last reply.`,
    rows: [
      { name: "with grace", figures: { p50: seconds(0.5), p99: seconds(0.99), max: seconds(1) } },
      {
        name: "without",
        figures: { p50: seconds(0.5, GRACE_MS), p99: seconds(0.99, GRACE_MS), max: seconds(1, GRACE_MS) },
      },
    ],
    ratios: [],
    raw: { p50: seconds(0.5), p90: seconds(0.9), p99: seconds(0.99), max: seconds(1), graceSeconds: GRACE_MS / 1_000 },
  };
}
