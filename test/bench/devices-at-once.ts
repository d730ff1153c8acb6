/** The product as its users run it, on topics of its own, and devices whose windows all end at the same instant. */

import { join, resolve } from "node:path";
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
/** More for each mail that is waited for: a busy machine is slow. */
const WAIT_A_MAIL_MS = 30;

export const nextWindow = (): number => (Math.floor(Date.now() / WINDOW_MS) + 1) * WINDOW_MS;

export interface AtOnceOptions {
  /** Default: those of the command line. */
  readonly devices?: number;
  readonly mailTo?: string;
  /** Another build's product. */
  readonly checkout?: string | undefined;
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export class DevicesAtOnce {
  readonly #context: BenchContext;
  readonly #sink: SmtpSink;
  readonly #topic: string;
  readonly #product: Product;
  readonly #producer: AlertProducer;
  readonly #devices: number;
  readonly #accepted: AcceptedMail[] = [];
  #windows = 0;
  #serial = 0;

  private constructor(
    context: BenchContext,
    sink: SmtpSink,
    parts: {
      readonly topic: string;
      readonly product: Product;
      readonly producer: AlertProducer;
      readonly devices: number;
    },
  ) {
    this.#context = context;
    this.#sink = sink;
    this.#topic = parts.topic;
    this.#product = parts.product;
    this.#producer = parts.producer;
    this.#devices = parts.devices;
  }

  static async start(context: BenchContext, sink: SmtpSink, options: AtOnceOptions = {}): Promise<DevicesAtOnce> {
    const { devices = context.options.devices, mailTo = MAIL_TO, checkout, nodeFlags = [], env = {} } = options;
    const brokers = await context.brokers();
    const topic = await context.createTopic(PARTITIONS);
    const deadLetters = await context.createTopic(1);
    const product = await startProduct({
      nodeFlags,
      ...(checkout === undefined ? {} : { cli: join(resolve(checkout), "dist/cli.js") }),
      env: {
        ...env,
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
      return new DevicesAtOnce(context, sink, { topic, product, producer, devices });
    } catch (error) {
      await product[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where the product serves its page, and tells of its health. */
  get url(): string {
    return this.#product.url;
  }

  /** Each device's alerts of the window that begins at `start`, as time passes. */
  async write(start: number): Promise<void> {
    const { signal } = this.#context;
    const source = createAlertSource(start);
    for (let turn = 0; turn < ALERTS_A_DEVICE; turn++) {
      const share = FIRST_AT + ((LAST_AT - FIRST_AT) * turn) / (ALERTS_A_DEVICE - 1);
      const at = start + share * WINDOW_MS;
      await sleep(Math.max(0, at - Date.now()), undefined, { signal });
      const records = Array.from({ length: this.#devices }, (_, device) => {
        const { deviceId, value } = source.alert(this.#serial++, device);
        return { key: deviceId, value, timestamp: Math.round(at) };
      });
      await this.#producer.send(this.#topic, records);
    }
    this.#windows++;
  }

  /** Resolves when a mail of each device and window that was written so far is accepted. */
  async allAccepted(): Promise<void> {
    const expected = this.#devices * this.#windows;
    const deadline = Date.now() + WAIT_MAX_MS + (expected - this.#accepted.length) * WAIT_A_MAIL_MS;
    for (;;) {
      this.#accepted.push(...(await this.#sink.take()));
      if (this.#accepted.length >= expected) return;
      if (Date.now() > deadline) throw new Error(`${this.#accepted.length} of ${expected} mails came`);
      await sleep(100, undefined, { signal: this.#context.signal });
    }
  }

  /** Of each window, milliseconds from its end to the accepted mail of each device. Ends the product. */
  async delays(): Promise<readonly (readonly number[])[]> {
    await this.allAccepted();
    const byWindow = new Map<string, number[]>();
    for (const { at, window } of this.#accepted) {
      const delays = byWindow.get(window) ?? [];
      delays.push(at - Date.parse(window.split("/")[1] ?? ""));
      byWindow.set(window, delays);
    }
    const delays = [...byWindow.values()];
    if (delays.length !== this.#windows || delays.some(({ length }) => length !== this.#devices))
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
