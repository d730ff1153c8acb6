/** An explanation for a terminal, or as JSON for programs. Pure. */

import type { MuteKind } from "../../runtime/ports.js";
import { terminalSafeJson } from "../printable.js";
import type { ExplainedMessage, ExplainedRoute, Explanation } from "./explain.js";

export const asJson = (explanation: Explanation): string =>
  `${terminalSafeJson(JSON.stringify(explanation, null, 2))}\n`;

export const asText = (explanation: Explanation): string => {
  const { alert, at, file, routes, fallback, muted, database, messages } = explanation;
  const { device, name, severity, type, labels } = alert;
  const said = [
    `device ${device}`,
    ...(name === undefined ? [] : [`name ${name}`]),
    `severity ${severity}`,
    ...(type === undefined ? [] : [`type ${type}`]),
    ...Object.entries(labels).map(([label, value]) => `${label}=${value}`),
    ...(at === undefined ? [] : [`at ${at}`]),
  ];
  const lines = [
    said.join(", "),
    "",
    file === undefined ? "no routes: ROUTES_FILE is not set" : `${file}: ${count(routes.length, "route")}`,
    ...routes.flatMap(routeLines),
    "",
  ];
  if (muted !== undefined && messages.length === 0) {
    lines.push(`Muted by route ${muted.route}: nobody is mailed. ${BECOMES[muted.how]}`);
  } else if (messages.length === 0) {
    lines.push(
      `Nobody would be told: ${file === undefined ? "" : "no route matches and "}MAIL_TO is empty. It would be a dead letter (no-recipient).`,
    );
  } else {
    lines.push(fallback ? `Told, as ${file === undefined ? "there are no routes" : "no route matches"}:` : "Told:");
    lines.push(...messages.flatMap(messageLines));
    if (muted !== undefined) lines.push(`Route ${muted.route} mutes it for everybody else.`);
  }
  if (database)
    lines.push("", "RECIPIENTS_DATABASE_URL is set: recipients of the database come on top; it was not asked.");
  return `${lines.join("\n")}\n`;
};

const BECOMES = {
  mute: "It is counted and on record; the daily report has the number only.",
  report: "It is counted and on record, and the daily report tells of it.",
} as const satisfies Record<MuteKind, string>;

const routeLines = ({ number, name, line, outcome, why, ends }: ExplainedRoute): readonly string[] => {
  const title = `  ${number}. ${name === undefined ? "" : `${name}, `}line ${line}: ${outcome}`;
  if (outcome === "not matched" || outcome === "not tried") return [`${title}: ${why.join("; ")}`];
  return [
    title,
    ...why.map((reason) => `       ${reason}`),
    `       ${ends ? "ends here" : "goes on (continue: true)"}`,
  ];
};

const messageLines = ({ locale, timezone, from, replyTo, links, recipients }: ExplainedMessage): readonly string[] => [
  `  ${locale}, ${timezone}, from ${from ?? "MAIL_FROM"}${replyTo === undefined ? "" : `, replies to ${replyTo}`}${links.length === 0 ? "" : `, links ${links.join(", ")}`}${seesNobody(recipients) ? ", hidden from each other" : ""}`,
  ...recipients.map(
    ({ kind, address, route }) =>
      `    ${kind.padEnd(3)}  ${address}  (${route === undefined ? "MAIL_TO" : `route ${route}`})`,
  ),
];

const seesNobody = (recipients: ExplainedMessage["recipients"]): boolean =>
  recipients.length > 1 && recipients.every(({ kind }) => kind === "bcc");

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
