import { address } from "../config/addresses.js";
import type { Config } from "../config.js";
import { createPostgresRecipients, type PostgresRecipients } from "../postgres/recipients.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";
import type { RecipientView } from "../runtime/recipient-view.js";

/** Undefined without `RECIPIENTS_DATABASE_URL`. */
export const createRecipientsDatabase = (deps: {
  config: Config;
  /** That mails can be written in. */
  locales: readonly string[];
  redact: (text: string) => string;
  view: RecipientView;
  metrics: Metrics;
  clock: Clock;
  log: Logger;
}): PostgresRecipients | undefined => {
  const { routes, smtp } = deps.config;
  if (routes.database === undefined) return undefined;
  return createPostgresRecipients({
    // As patient as with the mail server: what waits for either waits in the same way.
    options: { ...routes.database, retryInitialMs: smtp.retryInitialMs, retryMaxMs: smtp.retryMaxMs },
    address(text) {
      const found = address.parse(text);
      return found.ok ? found.value : undefined;
    },
    locales: deps.locales,
    redact: deps.redact,
    shown: (text) => deps.view.text(text),
    metrics: deps.metrics,
    clock: deps.clock,
    log: deps.log,
    random: Math.random,
  });
};
