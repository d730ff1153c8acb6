/** `alert-digest preview`: alerts in, mails and pages out. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { knownFor } from "../../app/known.js";
import { createConfiguredRenderer, FLEET_LISTED } from "../../app/renderer.js";
import { type Config, parsePreviewConfig } from "../../config.js";
import { createAlertCodec } from "../../formats/codec.js";
import { envelopeOf } from "../../formats/envelopes/by-name.js";
import type { Mappings } from "../../formats/mapping/mapping-file.js";
import type { ReadingRules } from "../../formats/read-alert.js";
import type { Shape } from "../../formats/shaped-codec.js";
import { cleanLine } from "../../mail/clean.js";
import type { Route } from "../../routing/route.js";
import { addressings, tellEverybody } from "../../routing/routing.js";
import { systemClock } from "../../runtime/clock.js";
import {
  digestsOf as inside,
  type ListedAlert,
  type Mailbox,
  type MailContent,
  mailboxText,
  type RenderedMail,
} from "../../runtime/ports.js";
import { createWholeWindow } from "../../runtime/whole-window.js";
import { EXIT, type Output, type Surroundings } from "../command.js";
import { errorsOf, mappingsIn, routesIn, wrongSettings } from "../settings.js";
import { type AddressedMail, addressedMails, NOBODY } from "./addressed.js";
import { type AlertLine, readAlertLines } from "./alert-lines.js";
import { bodiesOf } from "./bodies.js";
import type { PreviewCommand } from "./command.js";
import { alertsByDevice, contentsOf, digestsOf, withoutLines } from "./contents.js";
import { fileArchive } from "./file-archive.js";
import { type MutedAlerts, mutedAlerts } from "./muted.js";
import { openFile } from "./open-file.js";
import { type PreviewedMail, previewPage } from "./page.js";
import { sampleAlerts } from "./sample.js";

export interface PreviewConfig {
  readonly mail: Config["mail"];
  readonly digestBy: Config["digest"]["by"];
  /** Undefined: there is no `ROUTES_FILE`, and nothing is said of who gets a mail. */
  readonly routes: readonly Route[] | undefined;
  readonly database: boolean;
  /** How records are written, and read. */
  readonly rules: ReadingRules;
  readonly envelope: Shape["envelope"];
  readonly mappings: Mappings | undefined;
}

/** False: something could not be shown as it should be; what and why has been told. */
const runPreview = async (command: PreviewCommand, config: PreviewConfig, { out, error }: Output): Promise<boolean> => {
  const { mail } = config;
  const { bad, alerts } =
    command.records === undefined
      ? await alertsOf(command.alerts, config, error)
      : await recordsOf(command.records, config, { out, error });
  if (alerts.length === 0) {
    error("there is no alert to show");
    return false;
  }
  const now = systemClock.now();
  const all = alertsByDevice(alerts, now);
  const muted = mutedAlerts(all, config.routes ?? [], mail.timezone);
  const byDevice = muted.lines.size === 0 ? all : withoutLines(all, muted.lines);
  if (muted.told.length > 0) out(`${muted.told.map((line) => `${cleanLine(line, 4_000)}\n`).join("")}\n`);
  const mails = mailsOf(byDevice, config).map((one) => ({ ...one, told: [...one.told, ...mutedIn(one, muted)] }));
  const attach = createWholeWindow(fileArchive(byDevice), {
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
      const previewed = previewOf(addressed, renderer.render(content, addressing, attachment), mail.from, failures);
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
  byDevice: ReadonlyMap<string, readonly ListedAlert[]>,
  { mail, digestBy: by, routes, database }: PreviewConfig,
): readonly AddressedMail[] => {
  const { to: everybody, maxAlerts: maxListed, locale, timezone, from, replyTo, links, hideRecipients } = mail;
  if (routes === undefined) {
    const [addressing = NOBODY] = addressings(tellEverybody(everybody), {}, hideRecipients);
    return contentsOf(byDevice, { by, maxListed, fleetListed: FLEET_LISTED }).map((content) => ({
      content,
      addressing,
      told: [],
    }));
  }
  const defaults = { locale, timezone, from, links, ...(replyTo === undefined ? {} : { replyTo }) };
  const addressees = { routes, everybody, defaults, database, hiding: hideRecipients };
  return addressedMails(digestsOf(byDevice, { maxListed }), addressees, { by, fleetListed: FLEET_LISTED });
};

/** Of the devices of a mail: alerts that are not in it. */
const mutedIn = ({ content }: AddressedMail, { ofDevice }: MutedAlerts): readonly string[] =>
  inside(content).flatMap(({ deviceId }) => {
    const line = ofDevice.get(deviceId);
    return line === undefined ? [] : [cleanLine(line, 500)];
  });

/** Lines of the file in which the device's alerts are; those of others between them are not its own. */
const runsOf = (content: MailContent): readonly (readonly [number, number])[] =>
  "devices" in content ? [] : [[content.firstOffset, content.lastOffset]];

const BAD_LINES_TOLD = 20;

interface Alerts {
  readonly alerts: readonly AlertLine[];
  readonly bad: number;
}

const alertsOf = async (
  source: string | undefined,
  { mail, rules }: PreviewConfig,
  error: Output["error"],
): Promise<Alerts> => {
  const file = source === undefined ? sampleAlerts(mail.locale) : await bytesOf(source, error);
  if (file === undefined) return UNREADABLE;
  const { alerts, bad } = readAlertLines(file, createAlertCodec(rules));
  const name = nameOf(source ?? "");
  for (const { line, reason } of bad.slice(0, BAD_LINES_TOLD))
    error(`${name}, line ${line}: ${cleanLine(reason, 500)}`);
  if (bad.length > BAD_LINES_TOLD) error(`${name}: ${bad.length - BAD_LINES_TOLD} more lines are no alerts`);
  return { alerts, bad: bad.length };
};

const recordsOf = async (source: string, config: PreviewConfig, { out, error }: Output): Promise<Alerts> => {
  const file = await bytesOf(source, error);
  if (file === undefined) return UNREADABLE;
  const { readRecordLines } = await import("./record-lines.js");
  const { alerts, bad, told, unfound } = readRecordLines(file, config);
  const more = told.length > TOLD_MAX ? [`and ${told.length - TOLD_MAX} more`] : [];
  const nothing = unfound.length > 0 ? ["", "Found in no record:", ...unfound.map((source) => `- ${source}`)] : [];
  const lines = [...told.slice(0, TOLD_MAX), ...more, ...nothing];
  out(`${lines.map((line) => cleanLine(line, 500)).join("\n")}\n\n`);
  return { alerts, bad };
};

/** Undefined: there are none, and that was told. */
const bytesOf = async (source: string, error: Output["error"]): Promise<Buffer | undefined> => {
  try {
    return source === "-" ? await buffer(process.stdin) : readFileSync(source);
  } catch (failure) {
    error(cleanLine(`${nameOf(source)} cannot be read: ${(failure as Error).message}`, 500));
    return undefined;
  }
};

const nameOf = (source: string): string => (source === "-" ? "standard input" : source);

const UNREADABLE: Alerts = { alerts: [], bad: 1 };
const TOLD_MAX = 1_000;

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
    // Alerts, addresses: for nobody else on this machine. A new file, for an old one keeps its mode, or is a link to another.
    rmSync(path, { force: true });
    writeFileSync(path, content, { mode: 0o600, flag: "wx" });
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
  const typed = {
    MAIL_LOCALE: locale ? "--locale" : undefined,
    MAPPING_FILE: command.mapping === undefined ? undefined : "--mapping",
  };
  const chosen = { ...(locale && { MAIL_LOCALE: locale }), ...(timezone && { MAIL_TIMEZONE: timezone }) };
  const env = { ...around.env, ...chosen };
  const known = await knownFor(env);
  const result = parsePreviewConfig(env, around.readFile, known);
  const { warnings, routesFile } = result;
  const routes = await routesIn(routesFile, known, around);
  const mappingFile = command.mapping ?? (result.ok ? result.formats.mappingFile : result.mappingFile);
  const mapping = command.records === undefined ? undefined : await mappingsIn(mappingFile, around);
  if (!result.ok || routes?.ok === false || mapping?.ok === false)
    return wrongSettings({ errors: errorsOf(result, routes, mapping), warnings }, around, typed);
  warnings.forEach(around.error);
  const { mail, digestBy, database, formats } = result;
  const envelope = await envelopeOf(formats.envelope);
  const config = {
    ...{ mail, digestBy, database, envelope, rules: formats.rules },
    routes: routes?.loaded.routes,
    mappings: mapping?.loaded.value,
  };
  return (await runPreview(command, config, around)) ? EXIT.ok : EXIT.fatal;
};
