/** The product's own parts, wired as `src/app.ts` does it, around the piece a measurement replaces. */

import { destination } from "pino";
import { createAlertCodec } from "#src/formats/codec.js";
import { createLogger } from "#src/log.js";
import { createRenderer } from "#src/mail/render.js";
import { createMetrics } from "#src/metrics.js";
import { createRouting } from "#src/routing/routing.js";
import { systemClock } from "#src/runtime/clock.js";
import { CheckpointRoom } from "#src/runtime/commit-metadata.js";
import { DeadLetterQueue } from "#src/runtime/dead-letter-queue.js";
import { Delivery } from "#src/runtime/delivery.js";
import type { Mailer, MailRenderer } from "#src/runtime/ports.js";
import type { WorkerDeps } from "#src/runtime/worker-deps.js";
import { mailboxOf } from "#test/support/addressing.js";

export const TOPIC = "alerts";
export const MAIL_FROM = "alerts@alert-digest.example";
export const MAIL_TO = "operator@alert-digest.example";
/** One window from 1970 to 2070: nothing closes while a run lasts. */
export const ENDLESS_WINDOW_MS = 100 * 365 * 24 * 3_600_000;

export function productParts(options: {
  topic: string;
  windowSizeMs: number;
  connections: number;
  mailer: Mailer;
  renderer?: MailRenderer;
}) {
  // Real lines, written to nowhere.
  const log = createLogger({ level: "info", secrets: [], stream: destination({ dest: "/dev/null", sync: false }) });
  const { metrics } = createMetrics({
    topic: options.topic,
    group: "bench",
    build: { version: "bench", revision: "" },
    limits: { bufferBytes: 0, smtpConnections: options.connections },
    state: () => undefined,
    now: systemClock.now,
  });
  const delivery = new Delivery({
    mailer: options.mailer,
    renderer: options.renderer ?? createRenderer({ from: mailboxOf(MAIL_FROM), locale: "ko", timezone: "Asia/Seoul" }),
    router: createRouting({ routes: () => [], everybody: [MAIL_TO], defaults: {} }),
    metrics,
    clock: systemClock,
    log,
    random: Math.random,
    options: { connections: options.connections, retryInitialMs: 1_000, retryMaxMs: 60_000, retryBudgetMs: 900_000 },
  });
  const sink = { write: () => Promise.reject(new Error("no dead letter is expected here")) };
  const worker: WorkerDeps = {
    topic: options.topic,
    options: { windowSizeMs: options.windowSizeMs, graceMs: 2_000, maxListed: 200, catchUpAfterMs: 300_000 },
    codec: createAlertCodec(),
    delivery,
    deadLetters: new DeadLetterQueue({ sink, metrics, clock: systemClock, log, random: Math.random }),
    metrics,
    clock: systemClock,
    room: new CheckpointRoom(log),
    // Nothing is committed where one partition is measured alone: no exposure may end.
    maxExposed: Number.POSITIVE_INFINITY,
    group: { hasLease: true },
    commits: { commitSoon: () => undefined },
  };
  return { log, metrics, delivery, worker };
}

/** Takes every mail at once. */
export const nullMailer: Mailer = {
  send: async () => ({ kind: "accepted", reply: "250 ok", refused: [], deferred: [] }),
  probe: async () => ({ kind: "reachable", loginOffered: false }),
  connections: () => ({ busy: 0, idle: 0 }),
  close: async () => undefined,
};
