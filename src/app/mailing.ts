/** Who is told, how a mail looks, and how it leaves. */

import type { Config } from "../config.js";
import { createTemplateReport } from "../mail/template-report.js";
import { MAIL_LOCALES } from "../mail/texts/index.js";
import { createMutes } from "../routing/mutes.js";
import type { LoadedRoutes } from "../routing/routes-file.js";
import { createRouting } from "../routing/routing.js";
import type { Clock } from "../runtime/clock.js";
import { Delivery } from "../runtime/delivery.js";
import { FleetGathering } from "../runtime/fleet.js";
import type { Logger } from "../runtime/log.js";
import { MailServer } from "../runtime/mail-server.js";
import type { Metrics } from "../runtime/ports.js";
import { ServerProbe } from "../runtime/server-probe.js";
import { createWholeWindow } from "../runtime/whole-window.js";
import type { Counting } from "./counting.js";
import { createConfiguredMailer, serverAddressOf } from "./mailer.js";
import { createRecipientsDatabase } from "./recipients-database.js";
import { createConfiguredRenderer, FLEET_LISTED } from "./renderer.js";
import { createReloadedRoutes } from "./routes.js";
import type { Transport } from "./transport.js";

/** What not every configuration needs (routes, a recipients database, templates) is loaded here, so that others start without. */
export const createMailing = async (
  config: Config,
  deps: {
    /** What `ROUTES_FILE` holds; undefined: it is not set. */
    readonly routes: LoadedRoutes | undefined;
    readonly counting: Counting;
    readonly transport: Pick<Transport, "archive" | "sent">;
    readonly clock: Clock;
    readonly log: Logger;
  },
) => {
  const { counting, transport, clock, log } = deps;
  const { metrics, activity, view, redact } = counting;
  const { mail, smtp } = config;
  const server = new MailServer(clock);
  const mailer = server.watching(createConfiguredMailer(config, { onOffersLogin: () => log.warn({}, LOGIN_OFFERED) }));
  const serverAddress = serverAddressOf(smtp);
  const renderer = await createConfiguredRenderer({
    mail,
    onAttachment: (outcome) => metrics.attachment(outcome),
    onTemplateFailure: createTemplateReport({ metrics, log, clock }),
  });
  const locales = MAIL_LOCALES;
  const routes = await createReloadedRoutes(deps.routes, { locales, clean: view.text, metrics, clock, log });
  const database = await createRecipientsDatabase({ config, locales, redact, view, metrics, clock, log });
  const { from, replyTo, locale, timezone, links } = mail;
  const router = createRouting({
    routes: routes && (() => routes.current),
    everybody: mail.to,
    defaults: { locale, timezone, from, links, ...(replyTo === undefined ? {} : { replyTo }) },
    hiding: mail.hideRecipients,
    source: database,
  });
  // Without a file there is nothing to ask for each alert.
  const mutes = routes && createMutes(() => routes.current, timezone);
  const gathering = createGathering(config, { metrics, clock });
  const { sent } = transport;
  const delivery = new Delivery({
    mailer,
    renderer,
    router,
    metrics,
    clock,
    log,
    recipients: config.log.recipients,
    server: serverAddress,
    random: Math.random,
    options: {
      ...smtp,
      maxRecipients: mail.maxRecipients,
      catchUpAfterMs: catchUpAfterOf(config),
      waitingMaxAlerts: config.buffer.maxAlerts * WAITING_SHARE,
      waitingMaxBytes: config.buffer.maxBytes * WAITING_SHARE,
    },
    ...(gathering && { gathering }),
    onAttempt: activity.mailAttempted,
    attach: createWholeWindow(transport.archive, { mode: mail.csv, maxBytes: mail.maxBytes }),
    ...(sent && { sent }),
  });
  const probe = new ServerProbe({ server, probe: () => delivery.probe(), clock });
  return { server, serverAddress, mailer, routes, mutes, database, delivery, probe };
};

export type Mailing = Awaited<ReturnType<typeof createMailing>>;

/** Undefined: each device's mails leave by themselves. */
const createGathering = (
  { digest }: Config,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): FleetGathering | undefined => {
  const { by, recipientMaxMails: maxMails } = digest;
  if (by === "device" && maxMails === undefined) return undefined;
  return new FleetGathering(
    { by, maxMails, gatherMs: GATHER_MS, listed: FLEET_LISTED },
    {
      clock,
      onFolded: (mails) => metrics.mailsFolded(mails),
      onSettled: (outcome) => metrics.mailSettled(outcome),
    },
  );
};

/** Milliseconds after a window's end from which it is merged with the next ones. */
export const catchUpAfterOf = ({ catchUp }: Config): number =>
  catchUp.mode === "merge" ? catchUp.afterMs : Number.POSITIVE_INFINITY;

/** Of the buffer, at most so much is kept for recipients whose mail others have. */
const WAITING_SHARE = 0.25;
/** So long mails of one window wait for each other, where they may leave as one: partitions close it nearly at once. */
const GATHER_MS = 300;
const LOGIN_OFFERED =
  "the SMTP server offers a login and SMTP_URL has none: many such servers refuse mails to others from clients without one";
