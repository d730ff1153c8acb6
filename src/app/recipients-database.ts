import { mailbox } from "../config/mailbox.js";
import type { Config } from "../config.js";
import type { PostgresRecipients } from "../postgres/recipients.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";
import type { RecipientView } from "../runtime/recipient-view.js";

/** Undefined without `RECIPIENTS_DATABASE_URL`; then nothing is loaded that asks one. */
export const createRecipientsDatabase = async (deps: {
  config: Config;
  /** That mails can be written in. */
  locales: readonly string[];
  redact: (text: string) => string;
  view: RecipientView;
  metrics: Pick<Metrics, "recipientLookup" | "recipientFault">;
  clock: Clock;
  log: Logger;
}): Promise<PostgresRecipients | undefined> => {
  const { routes, smtp } = deps.config;
  if (routes.database === undefined) return undefined;
  const { createPostgresRecipients } = await import("../postgres/recipients.js");
  return createPostgresRecipients({
    // As patient as with the mail server: what waits for either waits in the same way.
    options: { ...routes.database, retryInitialMs: smtp.retryInitialMs, retryMaxMs: smtp.retryMaxMs },
    address: addressInRow,
    locales: deps.locales,
    redact: deps.redact,
    shown: (text) => deps.view.text(text),
    metrics: deps.metrics,
    clock: deps.clock,
    log: deps.log,
    random: Math.random,
  });
};

/** With or without a name before it, as people keep addresses and as routes take them; undefined when there is none, or several. */
export const addressInRow = (text: string): string | undefined => {
  const found = mailbox.parse(text);
  return found.ok ? found.value.address : undefined;
};
