import type { TestContext } from "node:test";
import {
  createPostgresRecipients,
  type PostgresRecipients,
  type PostgresRecipientsOptions,
} from "#src/postgres/recipients.js";
import { systemClock } from "#src/runtime/clock.js";
import type { Recipient } from "#src/runtime/ports.js";
import { quietLog, recordingMetrics } from "#test/support/quiet.js";
import { digest, listed } from "../../unit/mail/digest.js";

export interface LoggedLine {
  readonly message: string;
  readonly [field: string]: unknown;
}

/** The source as the product makes it, on a database of the test's. */
export interface TestedSource {
  readonly source: PostgresRecipients;
  readonly lines: readonly LoggedLine[];
  readonly calls: readonly string[];
  recipients(deviceId: string, labels?: Readonly<Record<string, string>>): Promise<readonly Recipient[]>;
  addresses(deviceId: string, labels?: Readonly<Record<string, string>>): Promise<readonly string[]>;
}

export const openSource = (
  t: TestContext,
  url: string,
  options: Partial<PostgresRecipientsOptions> = {},
): TestedSource => {
  const { metrics, calls } = recordingMetrics();
  const lines: LoggedLine[] = [];
  const note = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    lines.push({ ...fields, message });
  };
  const source = createPostgresRecipients({
    options: {
      url,
      query: undefined,
      connections: 2,
      cacheTtlMs: 300_000,
      cacheMax: 10_000,
      recipientsMax: 1_000,
      retryInitialMs: 50,
      retryMaxMs: 500,
      ...options,
    },
    address: (text) => (/^[\w.$-]+@[\w.-]+$/.test(text) ? text : undefined),
    locales: ["ko", "en"],
    redact: (text) => text,
    shown: (text) => text,
    metrics,
    clock: systemClock,
    log: { ...quietLog, info: note, warn: note, error: note },
    random: Math.random,
  });
  t.after(() => source.close());
  const recipients: TestedSource["recipients"] = (deviceId, labels) =>
    source.recipientsOf(digest({ deviceId, listed: [listed(1, { deviceId, labels })] }));
  return {
    source,
    lines,
    calls,
    recipients,
    addresses: async (deviceId, labels) => (await recipients(deviceId, labels)).map(({ address }) => address),
  };
};
