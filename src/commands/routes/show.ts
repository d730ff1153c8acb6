/** An explanation for a terminal, or as JSON for programs. Pure. */

import type { ExplainedMessage, ExplainedRoute, Explanation } from "./explain.js";

export const asJson = (explanation: Explanation): string => `${JSON.stringify(explanation, null, 2)}\n`;

export const asText = (explanation: Explanation): string => {
  const { alert, file, routes, fallback, database, messages } = explanation;
  const { device, name, severity, type, labels } = alert;
  const said = [
    `device ${device}`,
    ...(name === undefined ? [] : [`name ${name}`]),
    `severity ${severity}`,
    ...(type === undefined ? [] : [`type ${type}`]),
    ...Object.entries(labels).map(([label, value]) => `${label}=${value}`),
  ];
  const lines = [
    said.join(", "),
    "",
    file === undefined ? "no routes: ROUTES_FILE is not set" : `${file}: ${count(routes.length, "route")}`,
    ...routes.flatMap(routeLines),
    "",
  ];
  if (messages.length === 0) {
    lines.push(
      `Nobody would be told: ${file === undefined ? "" : "no route matches and "}MAIL_TO is empty. It would be a dead letter (no-recipient).`,
    );
  } else {
    lines.push(fallback ? `Told, as ${file === undefined ? "there are no routes" : "no route matches"}:` : "Told:");
    lines.push(...messages.flatMap(messageLines));
  }
  if (database)
    lines.push("", "RECIPIENTS_DATABASE_URL is set: recipients of the database come on top; it was not asked.");
  return `${lines.join("\n")}\n`;
};

const routeLines = ({ number, name, line, outcome, why, ends }: ExplainedRoute): readonly string[] => {
  const title = `  ${number}. ${name === undefined ? "" : `${name}, `}line ${line}: ${outcome}`;
  if (outcome !== "matched") return [`${title}: ${why.join("; ")}`];
  return [
    title,
    ...why.map((reason) => `       ${reason}`),
    `       ${ends ? "ends here" : "goes on (continue: true)"}`,
  ];
};

const messageLines = ({ locale, timezone, from, replyTo, recipients }: ExplainedMessage): readonly string[] => [
  `  ${locale}, ${timezone}, from ${from ?? "MAIL_FROM"}${replyTo === undefined ? "" : `, replies to ${replyTo}`}`,
  ...recipients.map(
    ({ kind, address, route }) =>
      `    ${kind.padEnd(3)}  ${address}  (${route === undefined ? "MAIL_TO" : `route ${route}`})`,
  ),
];

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
