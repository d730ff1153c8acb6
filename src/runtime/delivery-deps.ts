import type { Clock } from "./clock.js";
import type { FleetGathering } from "./fleet.js";
import type { Logger } from "./log.js";
import type { MailAttempt, MailJob } from "./mail-job.js";
import type { Attachment, MailContent, Mailer, MailRenderer, Metrics, Router, SentLog } from "./ports.js";
import type { RecipientMode } from "./recipient-view.js";
import type { ServerAddress } from "./server-trouble.js";

export interface DeliveryOptions {
  readonly connections: number;
  /** Of one transaction; absent: as many as there are. */
  readonly maxRecipients?: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  readonly retryBudgetMs: number;
  /** `CATCH_UP_AFTER`; absent: mails that wait for one recipient never become one. */
  readonly catchUpAfterMs?: number;
  /** Of mails that some have, and that are kept for those who wait; absent: no limit. */
  readonly waitingMaxAlerts?: number;
  readonly waitingMaxBytes?: number;
}

/** What `Delivery` is made of. */
export interface DeliveryDeps {
  readonly mailer: Mailer;
  readonly renderer: MailRenderer;
  readonly router: Router;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
  /** As log lines show them; default `masked`. */
  readonly recipients?: RecipientMode;
  /** Where mails go, for the log. */
  readonly server?: ServerAddress;
  readonly random: () => number;
  readonly options: DeliveryOptions;
  /** Told of every attempt; must not throw. */
  readonly onAttempt?: (attempt: MailAttempt) => void;
  /** What goes with a mail, asked for before each attempt; never rejects. */
  readonly attach?: (content: MailContent, job: MailJob) => Attachment | undefined | Promise<Attachment | undefined>;
  /** Told of each mail that is through, before it is settled. */
  readonly sent?: SentLog;
  /** How many windows that close are seen to in one turn of the event loop; absent: as `Slices` has it. */
  readonly slice?: number;
  /** Makes one mail of many. */
  readonly gathering?: FleetGathering;
}
