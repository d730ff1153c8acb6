/** The instances of a soak, by name. */

import { type Product, startProduct } from "../support/product.js";
import { Sampler } from "./sampler.js";

export interface Member {
  readonly name: string;
  readonly product: Product;
  readonly sampler: Sampler;
}

export interface Members {
  readonly running: readonly Member[];
  /** Starts it and does not wait until it has its partitions. */
  join(name: string): Promise<void>;
  /** SIGTERM; resolves when it has ended. Notes an exit code other than 0. */
  leave(name: string): Promise<void>;
  /** What should not have been. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

const AFTER_GC = new URL("after-gc.js", import.meta.url).href;

export function startMembers(options: {
  readonly brokers: string;
  readonly topic: string;
  readonly smtpPort: number;
}): Members {
  const members = new Map<string, Member>();
  const left: string[] = [];
  const problemsOf = ({ name, product }: Member): string[] => {
    const fatal = product.logs.find(({ level }) => level === "fatal");
    return [
      ...(members.has(name) && !product.running() ? [`${name} ended though nobody told it to`] : []),
      ...(fatal === undefined ? [] : [`${name} gave up: ${String(fatal["msg"])}`]),
    ];
  };
  return {
    get running() {
      return [...members.values()];
    },
    get problems() {
      return [...left, ...[...members.values()].flatMap(problemsOf)];
    },
    async join(name) {
      const product = await startProduct({
        nodeFlags: ["--import", AFTER_GC],
        env: {
          KAFKA_BROKERS: options.brokers,
          KAFKA_GROUP_ID: `${options.topic}.group`,
          KAFKA_ALERTS_TOPIC: options.topic,
          SMTP_URL: `smtp://127.0.0.1:${options.smtpPort}`,
          MAIL_FROM: "alerts@plant.example",
          MAIL_TO: "oncall@plant.example",
          MAIL_LOCALE: "en",
          // The books need every alert by name, also in a mail of many windows.
          MAIL_MAX_ALERTS: "10000",
          LOG_LEVEL: "warn",
        },
      });
      members.set(name, { name, product, sampler: new Sampler(name, product) });
    },
    async leave(name) {
      const member = members.get(name);
      if (member === undefined) throw new Error(`no instance ${name}`);
      members.delete(name);
      const code = await member.product.stop();
      if (code !== 0) left.push(`${name} ended with ${code} after SIGTERM`);
      left.push(...problemsOf(member));
    },
    async close() {
      await Promise.all([...members.values()].map(({ product }) => product[Symbol.asyncDispose]()));
    },
  };
}
