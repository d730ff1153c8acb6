/** One method per event, gauges from the state at the moment of the scrape. The only folder that knows prom-client. */

import { SEVERITIES } from "./core/alert.js";
import type { WallTime } from "./core/time.js";
import { createRegistry, type InventoryRegistry } from "./metrics/registry.js";
import { createRuntimeGauges } from "./metrics/runtime-gauges.js";
import {
  ALERT_OUTCOMES,
  ATTACHMENT_OUTCOMES,
  CLOSE_REASONS,
  COMMIT_OUTCOMES,
  DEAD_LETTER_REASONS,
  type Metrics,
  RECIPIENT_FAULTS,
  RECIPIENT_LOOKUP_OUTCOMES,
  REPAIRED_FIELDS,
  REPORT_OUTCOMES,
  ROUTES_RELOADS,
  type RuntimeState,
  SCHEMA_REQUEST_OUTCOMES,
  SENT_RECORD_OUTCOMES,
  type SendOutcomeKind,
  SMTP_REASONS,
  TEMPLATE_PARTS,
} from "./runtime/ports.js";

export interface MetricsOptions {
  readonly topic: string;
  readonly group: string;
  readonly build: { readonly version: string; readonly revision: string };
  readonly limits: { readonly bufferBytes: number; readonly smtpConnections: number };
  /** Read at each scrape; undefined while nothing runs yet. In memory: a scrape waits for nobody. */
  readonly state: () => RuntimeState | undefined;
  readonly now: () => WallTime;
  /** Also `process_*` and `nodejs_*`. Default true. */
  readonly processMetrics?: boolean;
}

export interface MetricsPage {
  readonly metrics: Metrics;
  readonly contentType: string;
  /** The Prometheus text. Never rejects because of the state. */
  render(): Promise<string>;
}

const SEND_OUTCOMES: Readonly<Record<SendOutcomeKind, true>> = {
  accepted: true,
  refused: true,
  deferred: true,
  unreachable: true,
  ambiguous: true,
};
const MAIL_OUTCOMES = ["accepted", "dead_lettered", "presumed"] as const;

export const createMetrics = (options: MetricsOptions): MetricsPage => {
  const inventory = createRegistry(options.processMetrics ?? true);
  const gauges = createRuntimeGauges(inventory, options);
  const consumed = createPartitionCounter("kafka_records_consumed_total", inventory, options);
  const deleted = createPartitionCounter("kafka_records_deleted_unread_total", inventory, options);
  const busiest = new BusiestRecipient();
  startAtZero(inventory, options);
  gauges.show(NOTHING_YET(options.limits.smtpConnections), options.now());

  const refresh = (): void => {
    inventory.gauge("busiest_recipient_mails").set(busiest.mails(options.now()));
    try {
      const state = options.state();
      if (state === undefined) return;
      gauges.show(state, options.now());
      const assigned = state.partitions.map((partition) => partition.partition);
      consumed.keepOnly(assigned);
      deleted.keepOnly(assigned);
    } catch {
      gauges.forget();
    }
  };
  return {
    metrics: createEvents(inventory, options.group, {
      recordsConsumed: consumed.add,
      recordsDeletedUnread: deleted.add,
      recipientsReached: (addresses) => busiest.note(addresses, options.now()),
    }),
    contentType: inventory.registry.contentType,
    render() {
      refresh();
      return inventory.registry.metrics();
    },
  };
};

/** A counter with a label that comes and goes. */
const createPartitionCounter = (
  name: "kafka_records_consumed_total" | "kafka_records_deleted_unread_total",
  { counter }: InventoryRegistry,
  { topic, group }: MetricsOptions,
) => {
  const total = counter(name);
  const shown = new Set<number>();
  const add = (partition: number, count: number): void => {
    shown.add(partition);
    total.inc({ topic, group, partition }, count);
  };
  const keepOnly = (assigned: readonly number[]): void => {
    for (const partition of shown) {
      if (assigned.includes(partition)) continue;
      shown.delete(partition);
      total.remove({ topic, group, partition });
    }
    for (const partition of assigned) if (!shown.has(partition)) add(partition, 0);
  };
  return { add, keepOnly };
};

const createEvents = (
  { gauge, counter, histogram }: InventoryRegistry,
  group: string,
  byOthers: Pick<Metrics, "recordsConsumed" | "recordsDeletedUnread" | "recipientsReached">,
): Metrics => {
  const [alerts, bySeverity] = [counter("alerts_total"), counter("alerts_by_severity_total")];
  const [closed, mails] = [counter("windows_closed_total"), counter("mails_total")];
  const [closeDelay, windowAlerts] = [histogram("window_close_delay_seconds"), histogram("window_alerts")];
  const [attempts, commits] = [histogram("mail_send_duration_seconds"), histogram("kafka_commit_duration_seconds")];
  const [endToMail, alertToMail] = [histogram("window_end_to_mail_seconds"), histogram("alert_to_mail_seconds")];
  return {
    ...byOthers,
    recordWithoutKey: () => counter("kafka_records_without_key_total").inc(),
    alerts: (outcome, count) => alerts.inc({ outcome }, count),
    alertsBySeverity: (severity, count) => bySeverity.inc({ severity }, count),
    alertRepaired: (field) => counter("alert_repairs_total").inc({ field }),
    windowClosed(reason, delaySeconds, count) {
      closed.inc({ reason });
      closeDelay.observe(duration(delaySeconds));
      windowAlerts.observe(count);
    },
    sendAttempt: (outcome, seconds) => attempts.observe({ outcome }, duration(seconds)),
    mailSettled: (outcome) => mails.inc({ outcome }),
    mailsFolded(mails) {
      counter("fleet_mails_total").inc();
      counter("fleet_windows_total").inc(mails);
    },
    urgentMailed: () => counter("urgent_mails_total").inc(),
    windowMailed: (seconds) => endToMail.observe(duration(seconds)),
    alertMailed: (seconds) => alertToMail.observe(duration(seconds)),
    templateFailed: (part) => counter("mail_template_failures_total").inc({ stage: part }),
    mailRetried: (reason) => counter("mail_retries_total").inc({ reason }),
    recipientRefused: (reason) => counter("mail_recipients_refused_total").inc({ reason }),
    attachment: (outcome) => counter("csv_attachments_total").inc({ outcome }),
    recipientLookup: (outcome, count) => counter("recipient_lookups_total").inc({ outcome }, count),
    recipientFault: (reason) => counter("recipient_faults_total").inc({ reason }),
    deadLetter(stage, reason) {
      // The port's type is a plain string: a reason outside the closed set is counted, but opens no series of its own.
      const known: readonly string[] = DEAD_LETTER_REASONS[stage];
      counter("dead_letters_total").inc({ stage, reason: known.includes(reason) ? reason : "other" });
    },
    alertsDeadLettered: (severity, count) => counter("dead_lettered_alerts_total").inc({ severity }, count),
    commit: (outcome, seconds) => commits.observe({ outcome }, duration(seconds)),
    rebalance: () => counter("kafka_rebalances_total").inc({ group }),
    slowBatch: () => counter("kafka_slow_batches_total").inc({ group }),
    throttled: (seconds) => counter("kafka_throttle_seconds_total").inc({ group }, duration(seconds)),
    checkpointOverflow: () => counter("checkpoint_overflows_total").inc(),
    sentRecords: (outcome, count) => counter("sent_records_total").inc({ outcome }, count),
    report: (outcome) => counter("reports_total").inc({ outcome }),
    deadLetterMail: (outcome) => counter("dead_letter_mails_total").inc({ outcome }),
    mappingReloaded(outcome) {
      counter("mapping_reloads_total").inc({ outcome });
      gauge("mapping_stale").set(outcome === "failed" ? 1 : 0);
    },
    schemaRequest: (outcome) => counter("schema_registry_requests_total").inc({ outcome }),
    routesReloaded(outcome) {
      counter("routes_reloads_total").inc({ outcome });
      gauge("routes_stale").set(outcome === "failed" ? 1 : 0);
    },
  };
};

/** Clocks can be set back between two readings; a histogram's sum must not shrink, and one NaN would spoil it for good. */
const duration = (seconds: number): number => (Number.isFinite(seconds) ? Math.max(0, seconds) : 0);

/** A series that begins with its first event has no rate for that event. */
const startAtZero = ({ gauge, counter, histogram }: InventoryRegistry, options: MetricsOptions): void => {
  const { version, revision } = options.build;
  gauge("build_info").set({ version, revision, node_version: process.version }, 1);
  gauge("buffer_limit_bytes").set(options.limits.bufferBytes);
  counter("kafka_rebalances_total").inc({ group: options.group }, 0);
  counter("kafka_throttle_seconds_total").inc({ group: options.group }, 0);
  counter("kafka_slow_batches_total").inc({ group: options.group }, 0);
  counter("kafka_records_without_key_total").inc(0);
  counter("fleet_mails_total").inc(0);
  counter("fleet_windows_total").inc(0);
  counter("urgent_mails_total").inc(0);
  for (const outcome of ALERT_OUTCOMES) counter("alerts_total").inc({ outcome }, 0);
  for (const severity of SEVERITIES) {
    counter("alerts_by_severity_total").inc({ severity }, 0);
    counter("dead_lettered_alerts_total").inc({ severity }, 0);
  }
  for (const field of REPAIRED_FIELDS) counter("alert_repairs_total").inc({ field }, 0);
  for (const reason of CLOSE_REASONS) counter("windows_closed_total").inc({ reason }, 0);
  for (const outcome of MAIL_OUTCOMES) counter("mails_total").inc({ outcome }, 0);
  for (const stage of TEMPLATE_PARTS) counter("mail_template_failures_total").inc({ stage }, 0);
  for (const reason of SMTP_REASONS) counter("mail_retries_total").inc({ reason }, 0);
  for (const reason of SMTP_REASONS) counter("mail_recipients_refused_total").inc({ reason }, 0);
  for (const outcome of ATTACHMENT_OUTCOMES) counter("csv_attachments_total").inc({ outcome }, 0);
  for (const outcome of RECIPIENT_LOOKUP_OUTCOMES) counter("recipient_lookups_total").inc({ outcome }, 0);
  for (const reason of RECIPIENT_FAULTS) counter("recipient_faults_total").inc({ reason }, 0);
  for (const [stage, reasons] of Object.entries(DEAD_LETTER_REASONS)) {
    for (const reason of reasons) counter("dead_letters_total").inc({ stage, reason }, 0);
  }
  for (const outcome of SENT_RECORD_OUTCOMES) counter("sent_records_total").inc({ outcome }, 0);
  for (const outcome of REPORT_OUTCOMES) {
    counter("reports_total").inc({ outcome }, 0);
    counter("dead_letter_mails_total").inc({ outcome }, 0);
  }
  for (const outcome of SCHEMA_REQUEST_OUTCOMES) counter("schema_registry_requests_total").inc({ outcome }, 0);
  for (const outcome of ROUTES_RELOADS) {
    counter("routes_reloads_total").inc({ outcome }, 0);
    counter("mapping_reloads_total").inc({ outcome }, 0);
  }
  gauge("routes_stale").set(0);
  gauge("mapping_stale").set(0);
  for (const outcome of COMMIT_OUTCOMES) histogram("kafka_commit_duration_seconds").zero({ outcome });
  for (const outcome of Object.keys(SEND_OUTCOMES)) histogram("mail_send_duration_seconds").zero({ outcome });
};

const NOTHING_YET = (smtpConnectionsMax: number): RuntimeState => ({
  partitionCount: 0,
  partitions: [],
  windowsOpen: 0,
  windowsPending: 0,
  bufferedAlerts: 0,
  bufferedBytes: 0,
  oldestPendingWindowEnd: undefined,
  smtp: { busy: 0, idle: 0, max: smtpConnectionsMax, circuitOpen: false },
  lastPollAtMs: undefined,
  lastCommitAtMs: undefined,
});

/** How many mails the one recipient got that got most of them in a minute: a number, and no word about who it is. */
export class BusiestRecipient {
  #minute = Number.NEGATIVE_INFINITY;
  /** Of the minute that runs. */
  readonly #mails = new Map<string, number>();
  #most = 0;
  #mostBefore = 0;

  /** They got one mail each. */
  note(addresses: readonly string[], nowMs: number): void {
    this.#turnTo(nowMs);
    for (const address of addresses) {
      const before = this.#mails.get(address);
      // Whoever gets many is among the first, or comes again in the next minute.
      if (before === undefined && this.#mails.size >= ADDRESSES_MAX) continue;
      const mails = (before ?? 0) + 1;
      this.#mails.set(address, mails);
      this.#most = Math.max(this.#most, mails);
    }
  }

  /** Of the last whole minute, or of the one that runs where it has more by now. */
  mails(nowMs: number): number {
    this.#turnTo(nowMs);
    return Math.max(this.#most, this.#mostBefore);
  }

  #turnTo(nowMs: number): void {
    const minute = Math.floor(nowMs / 60_000);
    if (minute === this.#minute) return;
    this.#mostBefore = minute === this.#minute + 1 ? this.#most : 0;
    this.#minute = minute;
    this.#most = 0;
    this.#mails.clear();
  }
}

const ADDRESSES_MAX = 10_000;
