/** `alert-digest preview`: alerts in, mails and pages out. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { knownFor } from "../../app/known.js";
import { createConfiguredRenderer, FLEET_LISTED } from "../../app/renderer.js";
import { type Config, parsePreviewConfig } from "../../config.js";
import { cleanLine } from "../../mail/clean.js";
import { hidden } from "../../mail/hide-recipients.js";
import type { Route } from "../../routing/route.js";
import { systemClock } from "../../runtime/clock.js";
import {
  type Addressing,
  type Mailbox,
  type MailContent,
  mailboxText,
  type RenderedMail,
} from "../../runtime/ports.js";
import { createWholeWindow } from "../../runtime/whole-window.js";
import { EXIT, type Output, type Surroundings } from "../command.js";
import { errorsOf, routesIn, wrongSettings } from "../settings.js";
import { type AddressedMail, addressedMails } from "./addressed.js";
import { type AlertLine, readAlertLines } from "./alert-lines.js";
import { bodiesOf } from "./bodies.js";
import type { PreviewCommand } from "./command.js";
import { alertsByDevice, contentsOf, digestsOf } from "./contents.js";
import { fileArchive } from "./file-archive.js";
import { openFile } from "./open-file.js";
import { type PreviewedMail, previewPage } from "./page.js";
import { sampleAlerts } from "./sample.js";

export interface PreviewConfig {
  readonly mail: Config["mail"];
  readonly digestBy: Config["digest"]["by"];
  /** Undefined: there is no `ROUTES_FILE`, and nothing is said of who gets a mail. */
  readonly routes: readonly Route[] | undefined;
  readonly database: boolean;
}

/** False: something could not be shown as it should be; what and why has been told. */
export const runPreview = async (
  command: PreviewCommand,
  config: PreviewConfig,
  { out, error }: Output,
): Promise<boolean> => {
  const { mail } = config;
  const { bad, alerts } = await alertsOf(command.alerts, mail.locale, error);
  if (alerts.length === 0) {
    error("there is no alert to show");
    return false;
  }
  const now = systemClock.now();
  const mails = mailsOf(alerts, config, now);
  const attach = createWholeWindow(fileArchive(alertsByDevice(alerts, now)), {
    mode: mail.csv,
    maxBytes: mail.maxBytes,
  });
  let failures: string[] = [];
  const renderer = await createConfiguredRenderer({
    mail,
    onTemplateFailure: ({ part, path, line, reason }) => {
      failures.push(`the ${part} is the built-in one: ${path}${line === 0 ? "" : `, line ${line}`}: ${reason}`);
    },
  });
  let isWhole = bad === 0;
  let firstPage: string | undefined;
  try {
    mkdirSync(command.out, { recursive: true });
    for (const [index, addressed] of mails.entries()) {
      const { content, addressing } = addressed;
      failures = [];
      const attachment = await attach(content, { offsetRuns: () => runsOf(content) });
      const shown = mail.hideRecipients ? hidden(addressing) : addressing;
      const previewed = previewOf(addressed, renderer.render(content, shown, attachment), mail.from, failures);
      const number = mails.length === 1 ? "" : `-${index + 1}`;
      const page = writeMail(command.out, number, previewed);
      firstPage ??= page;
      out(summary(previewed, page));
      for (const failure of failures) error(failure);
      if (failures.length > 0) isWhole = false;
    }
  } catch (failure) {
    error(cleanLine((failure as Error).message, 500));
    return false;
  }
  if (command.open && firstPage !== undefined) {
    const problem = await openFile(firstPage);
    if (problem !== undefined) error(`${problem}: open ${firstPage} yourself`);
    if (problem !== undefined) isWhole = false;
  }
  return isWhole;
};

const mailsOf = (
  alerts: readonly AlertLine[],
  { mail, digestBy: by, routes, database }: PreviewConfig,
  now: number,
): readonly AddressedMail[] => {
  const { to: everybody, maxAlerts: maxListed, locale, timezone, from, replyTo } = mail;
  if (routes === undefined) {
    const addressing: Addressing = { look: {}, to: everybody, cc: [], bcc: [] };
    return contentsOf(alerts, { by, maxListed, fleetListed: FLEET_LISTED, now }).map((content) => ({
      content,
      addressing,
      told: [],
    }));
  }
  const defaults = { locale, timezone, from, ...(replyTo === undefined ? {} : { replyTo }) };
  const addressees = { routes, everybody, defaults, database };
  return addressedMails(digestsOf(alerts, { maxListed, now }), addressees, { by, fleetListed: FLEET_LISTED });
};

/** Lines of the file in which the device's alerts are; those of others between them are not its own. */
const runsOf = (content: MailContent): readonly (readonly [number, number])[] =>
  "devices" in content ? [] : [[content.firstOffset, content.lastOffset]];

const BAD_LINES_TOLD = 20;

const alertsOf = async (
  source: string | undefined,
  locale: string,
  error: Output["error"],
): Promise<{ readonly alerts: readonly AlertLine[]; readonly bad: number }> => {
  const name = source === "-" ? "standard input" : (source ?? "");
  let file: Buffer;
  try {
    file =
      source === undefined ? sampleAlerts(locale) : source === "-" ? await buffer(process.stdin) : readFileSync(source);
  } catch (failure) {
    error(cleanLine(`${name} cannot be read: ${(failure as Error).message}`, 500));
    return { alerts: [], bad: 1 };
  }
  const { alerts, bad } = readAlertLines(file);
  for (const { line, reason } of bad.slice(0, BAD_LINES_TOLD))
    error(`${name}, line ${line}: ${cleanLine(reason, 500)}`);
  if (bad.length > BAD_LINES_TOLD) error(`${name}: ${bad.length - BAD_LINES_TOLD} more lines are no alerts`);
  return { alerts, bad: bad.length };
};

type Previewed = PreviewedMail & { readonly raw: Buffer; readonly name: string };

const previewOf = (
  { content, addressing, told }: AddressedMail,
  { raw, subject }: RenderedMail,
  from: Mailbox,
  failures: readonly string[],
): Previewed => ({
  ...bodiesOf(raw),
  raw,
  subject,
  from: mailboxText(addressing.look.from ?? from),
  bytes: raw.length,
  told,
  failures,
  name: "devices" in content ? `${content.devices.length} devices` : content.deviceId,
});

/** Returns the absolute path of the page. */
const writeMail = (directory: string, number: string, mail: Previewed): string => {
  const write = (name: string, content: string | Buffer): string => {
    const path = resolve(join(directory, name));
    writeFileSync(path, content);
    return path;
  };
  write(`mail${number}.txt`, mail.text);
  write(`mail${number}.html`, mail.html);
  write(`mail${number}.eml`, mail.raw);
  return write(`preview${number}.html`, previewPage(mail));
};

/** What a terminal shows of a mail: its text is clean already. */
const summary = ({ subject, text, name, told }: Previewed, page: string): string =>
  `${cleanLine(name, 256)}: ${page}\n\n${told.map((line) => `${line}\n`).join("")}${told.length > 0 ? "\n" : ""}Subject: ${subject}\n\n${text.replaceAll("\r\n", "\n").trimEnd()}\n\n`;

export const execute = async (command: PreviewCommand, around: Surroundings): Promise<number> => {
  const { locale, timezone } = command;
  const chosen = { ...(locale && { MAIL_LOCALE: locale }), ...(timezone && { MAIL_TIMEZONE: timezone }) };
  const env = { ...around.env, ...chosen };
  const known = await knownFor(env);
  const result = parsePreviewConfig(env, around.readFile, known);
  const { warnings, routesFile } = result;
  const routes = await routesIn(routesFile, known, around);
  if (!result.ok || routes?.ok === false) return wrongSettings({ errors: errorsOf(result, routes), warnings }, around);
  warnings.forEach(around.error);
  const { mail, digestBy, database } = result;
  const config = { mail, digestBy, database, routes: routes?.loaded.routes };
  return (await runPreview(command, config, around)) ? EXIT.ok : EXIT.fatal;
};
