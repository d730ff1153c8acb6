/** What is counted, and what of it may be shown. */

import type { Config } from "../config.js";
import { withoutSecrets } from "../core/secret-text.js";
import { createMetrics, type MetricsPage } from "../metrics.js";
import { Activity } from "../runtime/activity.js";
import type { Clock } from "../runtime/clock.js";
import type { Metrics, RuntimeState } from "../runtime/ports.js";
import { createRecipientView, type RecipientView } from "../runtime/recipient-view.js";

export interface Build {
  readonly version: string;
  readonly revision: string;
}

export interface Counting {
  /** For Prometheus. */
  readonly page: MetricsPage;
  /** For the live page. */
  readonly activity: Activity;
  /** Counts for both. */
  readonly metrics: Metrics;
  readonly view: RecipientView;
  /** The text without secrets. */
  readonly redact: (text: string) => string;
  /** The text without secrets, and with addresses as `LOG_RECIPIENTS` says. */
  readonly shown: (text: string) => string;
}

/** `state`: read at each scrape. */
export const createCounting = (
  config: Config,
  deps: { readonly build: Build; readonly clock: Clock; readonly state: () => RuntimeState | undefined },
): Counting => {
  const { build, clock, state } = deps;
  const page = createMetrics({
    topic: config.kafka.alertsTopic,
    group: config.kafka.groupId,
    build,
    limits: { bufferBytes: config.buffer.maxBytes, smtpConnections: config.smtp.connections },
    state,
    now: clock.now,
  });
  const redact = withoutSecrets(config.secrets);
  const view = createRecipientView(config.log.recipients);
  const shown = (text: string): string => view.text(redact(text));
  const activity = new Activity(clock, shown);
  return { page, activity, metrics: activity.counting(page.metrics), view, redact, shown };
};
