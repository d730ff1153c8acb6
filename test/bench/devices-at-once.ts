/** The product as its users run it, on topics of its own, and devices whose windows all end at the same instant. */

import { setTimeout as sleep } from "node:timers/promises";
import { type AlertProducer, startProducer } from "#tools/simulator/producer.js";
import { type Product, startProduct } from "../support/product.js";
import { createAlertSource } from "./alerts.js";
import { MAIL_FROM, MAIL_TO } from "./product-parts.js";
import type { BenchContext } from "./report.js";
import type { AcceptedMail, SmtpSink } from "./smtp-sink.js";

export const WINDOW_MS = 10_000;
export const GRACE_MS = 2_000;
const PARTITIONS = 6;
const ALERTS_A_DEVICE = 3;
/** Alerts come spread over the middle of a window: none is near its edges, where a slow machine would move it. */
const FIRST_AT = 0.2;
const LAST_AT = 0.7;
const WAIT_MAX_MS = 60_000;

export const nextWindow = (): number => (Math.floor(Date.now() / WINDOW_MS) + 1) * WINDOW_MS;

export class DevicesAtOnce {
  readonly #context: BenchContext;
  readonly #sink: SmtpSink;
  readonly #topic: string;
  readonly #product: Product;
  readonly #producer: AlertProducer;
  #windows = 0;
  #serial = 0;

  private constructor(
    context: BenchContext,
    sink: SmtpSink,
    parts: { readonly topic: string; readonly product: Product; readonly producer: AlertProducer },
  ) {
    this.#context = context;
    this.#sink = sink;
    this.#topic = parts.topic;
    this.#product = parts.product;
    this.#producer = parts.producer;
  }

  static async start(context: BenchContext, sink: SmtpSink, mailTo: string = MAIL_TO): Promise<DevicesAtOnce> {
    const brokers = await context.brokers();
    const topic = await context.createTopic(PARTITIONS);
    const deadLetters = await context.createTopic(1);
    const product = await startProduct({
      env: {
        KAFKA_BROKERS: brokers,
        KAFKA_GROUP_ID: topic,
        KAFKA_ALERTS_TOPIC: topic,
        KAFKA_DEAD_LETTER_TOPIC: deadLetters,
        WINDOW_SIZE: `${WINDOW_MS}ms`,
        WINDOW_GRACE: `${GRACE_MS}ms`,
        SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
        MAIL_FROM,
        MAIL_TO: mailTo,
      },
    });
    try {
      await product.waitReady();
      const producer = await startProducer(brokers);
      await sink.take();
      return new DevicesAtOnce(context, sink, { topic, product, producer });
    } catch (error) {
      await product[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Each device's alerts of the window that begins at `start`, as time passes. */
  async write(start: number): Promise<void> {
    const { options, signal } = this.#context;
    const source = createAlertSource(start);
    for (let turn = 0; turn < ALERTS_A_DEVICE; turn++) {
      const share = FIRST_AT + ((LAST_AT - FIRST_AT) * turn) / (ALERTS_A_DEVICE - 1);
      const at = start + share * WINDOW_MS;
      await sleep(Math.max(0, at - Date.now()), undefined, { signal });
      const records = Array.from({ length: options.devices }, (_, device) => {
        const { deviceId, value } = source.alert(this.#serial++, device);
        return { key: deviceId, value, timestamp: Math.round(at) };
      });
      await this.#producer.send(this.#topic, records);
    }
    this.#windows++;
  }

  /** Of each window, milliseconds from its end to the accepted mail of each device. Ends the product. */
  async delays(): Promise<readonly (readonly number[])[]> {
    const { options, signal } = this.#context;
    const expected = options.devices * this.#windows;
    const accepted: AcceptedMail[] = [];
    const deadline = Date.now() + WAIT_MAX_MS;
    for (;;) {
      accepted.push(...(await this.#sink.take()));
      if (accepted.length >= expected) break;
      if (Date.now() > deadline) throw new Error(`${accepted.length} of ${expected} mails came`);
      await sleep(100, undefined, { signal });
    }
    const byWindow = new Map<string, number[]>();
    for (const { at, window } of accepted) {
      const delay = at - Date.parse(window.split("/")[1] ?? "");
      byWindow.set(window, [...(byWindow.get(window) ?? []), delay]);
    }
    const delays = [...byWindow.values()];
    if (delays.length !== this.#windows || delays.some(({ length }) => length !== options.devices))
      throw new Error("mails are not as expected");
    const code = await this.#product.stop();
    if (code !== 0) throw new Error(`the product ended with ${code}`);
    return delays;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer.close();
    await this.#product[Symbol.asyncDispose]();
  }
}
