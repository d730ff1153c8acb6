import { eventTime } from "#src/core/time.js";
import { Delivery } from "#src/runtime/delivery.js";
import type { DeliveryOptions } from "#src/runtime/delivery-deps.js";
import { FleetGathering, type FleetOptions } from "#src/runtime/fleet.js";
import type { Logger } from "#src/runtime/log.js";
import type { MailAttempt, MailJob, MailOwner, Undeliverable } from "#src/runtime/mail-job.js";
import {
  type Addressing,
  type Attachment,
  type Digest,
  digestsOf,
  type MailContent,
  type ProbeOutcome,
  type RecipientFailure,
  type RenderedMail,
  type SendOutcome,
  type SentLog,
  type SmtpFailure,
  type SmtpReason,
} from "#src/runtime/ports.js";
import type { RecipientMode } from "#src/runtime/recipient-view.js";
import { everybody } from "#test/support/addressing.js";
import { quietLog, recordingMetrics } from "./quiet.js";
import { settled, VirtualClock } from "./virtual-clock.js";

export const failure = (reason: SmtpReason = "message-deferred"): SmtpFailure => ({
  phase: "data",
  reason,
  reply: `450 ${reason}`,
  code: 450,
});

export const failureOf = (address: string, reason: SmtpReason): RecipientFailure => ({
  ...failure(reason),
  ...(reason === "recipient-refused" ? { reply: `450 5.1.1 ${reason}` } : {}),
  address,
});

export const outcomes = {
  accepted: (
    more: { refused?: readonly RecipientFailure[]; deferred?: readonly RecipientFailure[] } = {},
  ): SendOutcome => ({ kind: "accepted", reply: "250 OK", refused: more.refused ?? [], deferred: more.deferred ?? [] }),
  /** Of a mail whose recipients the server does not know. */
  refused: (recipients: readonly RecipientFailure[] = []): SendOutcome => ({
    kind: "refused",
    failure: { ...failure("message-refused"), phase: "rcpt", reply: "550 5.1.1 message-refused", code: 550 },
    recipients,
  }),
  deferred: (refused: readonly RecipientFailure[] = []): SendOutcome => ({
    kind: "deferred",
    failure: failure(),
    refused,
  }),
  unreachable: (reason: SmtpReason = "connection-refused"): SendOutcome => ({
    kind: "unreachable",
    failure: failure(reason),
  }),
  ambiguous: (): SendOutcome => ({
    kind: "ambiguous",
    failure: { phase: "sent", reason: "timeout", reply: "", code: undefined },
    refused: [],
  }),
};

export interface Attempt {
  readonly deviceId: string;
  readonly to: readonly string[];
  readonly at: number;
  readonly end: (outcome: SendOutcome) => Promise<void>;
}

/** A `Delivery` on a bench: attempts wait for the test to end them, or `answer` ends them at once. */
export class DeliveryBench {
  readonly clock = new VirtualClock(0);
  readonly delivery: Delivery;
  readonly attempts: Attempt[] = [];
  readonly accepted: string[] = [];
  /** Of them, those that count as a mail of their own. */
  readonly counted: string[] = [];
  /** Of them, those that are only presumed to be. */
  readonly presumed: string[] = [];
  /** Those who have the mails from a previous owner, and each report of who has one now. */
  have: readonly string[] = [];
  readonly reached: (readonly string[])[] = [];
  /** Devices whose next mail may go. */
  readonly passed: string[] = [];
  /** What waits for a commit; undefined: each is confirmed at once. */
  commits: (() => void)[] | undefined;
  readonly undeliverable: (Undeliverable & { deviceId: string; acceptedBySome: boolean })[] = [];
  readonly calls: string[];
  readonly told: MailAttempt[] = [];
  mayStart = true;
  readonly unwanted = new Set<string>();
  /** Whose attempts are not over for their owner. */
  readonly underWay = new Set<string>();
  recipients: readonly string[] = ["a@example.org"];
  /** In place of `recipients`. */
  route: ((compose: () => Digest) => readonly Addressing[] | Promise<readonly Addressing[]>) | undefined;
  renderError: Error | undefined;
  /** Mails are made in several turns, and this ends them; undefined: in one. */
  renderLater: ((end: () => void) => void) | undefined;
  answer: ((deviceId: string, to: readonly string[]) => SendOutcome | undefined) | undefined;
  /** What trying the server without a mail ends in. */
  probe: () => Promise<ProbeOutcome> = async () => ({ kind: "reachable", loginOffered: false });
  inFlightMost = 0;
  readonly #owners = new Map<string, MailOwner>();
  #inFlight = 0;

  constructor(
    options: Partial<DeliveryOptions> = {},
    more: {
      readonly log?: Logger;
      readonly recipients?: RecipientMode;
      readonly sent?: SentLog;
      readonly attach?: () => Promise<Attachment | undefined>;
      /** Mails of several devices leave as one, named `a+b`. */
      readonly fleet?: Pick<FleetOptions, "by" | "maxMails">;
    } = {},
  ) {
    const { fleet, ...deps } = more;
    const { metrics, calls } = recordingMetrics();
    this.calls = calls;
    this.delivery = new Delivery({
      mailer: {
        send: (mail, to) => {
          this.#inFlight++;
          this.inFlightMost = Math.max(this.inFlightMost, this.#inFlight);
          return new Promise((resolve) => {
            const end = async (outcome: SendOutcome): Promise<void> => {
              this.#inFlight--;
              resolve(outcome);
              await settled();
            };
            this.attempts.push({ deviceId: mail.subject, to, at: this.clock.elapsed(), end });
            const outcome = this.answer?.(mail.subject, to);
            if (outcome !== undefined) void end(outcome);
          });
        },
        probe: () => this.probe(),
        connections: () => ({ busy: this.#inFlight, idle: 0 }),
        close: async () => undefined,
      },
      renderer: {
        render: (content, addressing) => this.#render(content, addressing),
        renderInTurns: (content, addressing) => {
          const { renderLater } = this;
          if (renderLater === undefined) return this.#render(content, addressing);
          return new Promise<void>(renderLater).then(() => this.#render(content, addressing));
        },
      },
      router: {
        route: (compose) =>
          this.route?.(compose) ?? (this.recipients.length === 0 ? [] : [everybody(...this.recipients)]),
      },
      metrics,
      clock: this.clock,
      log: quietLog,
      ...deps,
      ...(fleet === undefined
        ? {}
        : {
            gathering: new FleetGathering(
              { ...fleet, gatherMs: 1, listed: 10 },
              { clock: this.clock, onFolded: () => undefined, onSettled: () => undefined },
            ),
          }),
      random: () => 1,
      options: { connections: 2, retryInitialMs: 1_000, retryMaxMs: 60_000, retryBudgetMs: 900_000, ...options },
      onAttempt: (attempt) => this.told.push(attempt),
    });
  }

  #render(content: MailContent, { look }: Addressing): RenderedMail {
    const devices = digestsOf(content)
      .map(({ deviceId }) => deviceId)
      .toSorted()
      .join("+");
    if (this.renderError !== undefined) throw this.renderError;
    const locale = look.locale === undefined ? "" : `-${look.locale}`;
    return { messageId: `<${devices}${locale}>`, subject: devices, from: "", raw: Buffer.alloc(0) };
  }

  submit(...deviceIds: string[]): void {
    for (const deviceId of deviceIds) this.delivery.submit(this.#job(deviceId));
  }

  /** Attempts that began, as `device at seconds`. */
  get begun(): string[] {
    return this.attempts.map(({ deviceId, at }) => `${deviceId} at ${at / 1000}`);
  }

  /** Each device has a partition of its own. */
  ownerOf(deviceId: string): MailOwner {
    const known = this.#owners.get(deviceId);
    if (known !== undefined) return known;
    const owner: MailOwner = {
      isWanted: () => !this.unwanted.has(deviceId),
      mayStart: () => this.mayStart,
      mayGoOn: () => this.mayStart,
      attemptStarted: () => this.underWay.add(deviceId),
      attemptEnded: () => this.underWay.delete(deviceId),
      onceCommitted: (go) => (this.commits === undefined ? go() : this.commits.push(go)),
    };
    this.#owners.set(deviceId, owner);
    return owner;
  }

  #job(deviceId: string): MailJob {
    return {
      owner: this.ownerOf(deviceId),
      deviceId,
      windowEnd: 30_000,
      critical: false,
      offsetRuns: () => [[0, 0]],
      size: () => ({ alerts: 1, bytes: 100 }),
      passed: () => this.passed.push(deviceId),
      compose: () => digestOf(deviceId),
      missing: (recipients) => recipients.filter((address) => !this.have.includes(address)),
      reached: (addresses) => this.reached.push([...addresses]),
      accepted: (_, counts = true, certainty) => {
        this.accepted.push(deviceId);
        if (counts) this.counted.push(deviceId);
        if (certainty === "presumed") this.presumed.push(deviceId);
      },
      undeliverable: (_, why, acceptedBySome) => this.undeliverable.push({ ...why, deviceId, acceptedBySome }),
    };
  }
}

const digestOf = (deviceId: string): Digest => ({
  topic: "alerts",
  partition: 0,
  deviceId,
  deviceName: undefined,
  windowStart: eventTime(0),
  windowEnd: eventTime(30_000),
  windowCount: 1,
  idOffset: 0,
  firstOffset: 0,
  lastOffset: 0,
  count: 0,
  listed: [],
  folded: undefined,
});
