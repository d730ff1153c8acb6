/** The command line of `alert-digest routes`, as data. Pure. */

import { parseArgs } from "node:util";
import { SEVERITIES, type Severity } from "../core/alert.js";

/** An alert that somebody asks about. */
export interface AskedAlert {
  readonly device: string;
  readonly name: string | undefined;
  readonly severity: Severity;
  readonly type: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

export type RoutesCommand =
  /** `file`: instead of `ROUTES_FILE`. */
  | { readonly kind: "test"; readonly alert: AskedAlert; readonly file: string | undefined; readonly json: boolean }
  | { readonly kind: "check"; readonly file: string | undefined };

export type ParsedRoutesArgs =
  | { readonly ok: true; readonly command: RoutesCommand }
  | { readonly ok: false; readonly problem: string };

export const ROUTES_USAGE = `usage: alert-digest routes test --device ID [--name NAME] [--severity SEVERITY] [--type TYPE] [--label KEY=VALUE]...
                                [--routes FILE] [--json]
       alert-digest routes check [--routes FILE]`;

export const ROUTES_HELP = `${ROUTES_USAGE}

test   says who would be told of such an alert: for each route whether it matches and why, then every message with its
       recipients and how it looks
check  reads the routes and says what is wrong with them

  --device ID        device ID of the alert
  --name NAME        the device's name
  --severity NAME    ${SEVERITIES.join(", ")} [warning]
  --type TYPE        e.g. TEMPERATURE_HIGH
  --label KEY=VALUE  a label; may be given several times
  --routes FILE      instead of ROUTES_FILE
  --json             test: the same as JSON

Reads ROUTES_FILE, MAIL_TO, MAIL_FROM, MAIL_REPLY_TO, MAIL_LOCALE and MAIL_TIMEZONE, and connects to nothing: recipients
that a database has come on top of these. Exit codes: 0 somebody would be told, or the file is right; 1 nobody would be
told; 64 wrong usage; 78 wrong configuration or routes.
`;

const OPTIONS = {
  test: ["device", "name", "severity", "type", "label", "routes", "json"],
  check: ["routes"],
} as const satisfies Record<string, readonly string[]>;

/** `argv` after `routes`. */
export const parseRoutesArgs = (argv: readonly string[]): ParsedRoutesArgs => {
  const [name, ...rest] = argv;
  if (name === undefined) return wrong("routes: test or check is missing");
  if (name !== "test" && name !== "check") return wrong(`unknown command ${quoted(`routes ${name}`)}`);
  const options = split(name, rest);
  if (typeof options === "string") return wrong(options);
  const file = options.get("routes")?.[0];
  if (name === "check") return { ok: true, command: { kind: "check", file } };
  const device = options.get("device")?.[0];
  if (device === undefined) return wrong("routes test needs --device");
  const asked = options.get("severity")?.[0] ?? "warning";
  const severity = SEVERITIES.find((one) => one === asked);
  if (severity === undefined) return wrong(`--severity ${quoted(asked)}: expected one of ${SEVERITIES.join(", ")}`);
  const pairs = (options.get("label") ?? []).map((text) => /^([^=]+)=(.*)$/s.exec(text) ?? text);
  const noPair = pairs.find((pair) => typeof pair === "string");
  if (noPair !== undefined) return wrong(`--label ${quoted(String(noPair))}: expected KEY=VALUE, like site=busan-2`);
  const labels = Object.fromEntries(pairs.map((pair) => [pair[1] ?? "", pair[2] ?? ""]));
  const [deviceName, type] = [options.get("name")?.[0], options.get("type")?.[0]];
  const alert: AskedAlert = { device, name: deviceName, severity, type, labels };
  return { ok: true, command: { kind: "test", alert, file, json: options.has("json") } };
};

/** Values by option, or what is wrong. */
const split = (
  name: keyof typeof OPTIONS,
  argv: readonly string[],
): ReadonlyMap<string, readonly string[]> | string => {
  const known: readonly string[] = OPTIONS[name];
  const config = Object.fromEntries(
    known.map((option) => [option, { type: option === "json" ? ("boolean" as const) : ("string" as const) }]),
  );
  const { tokens } = parseArgs({ args: [...argv], options: config, strict: false, tokens: true });
  const options = new Map<string, readonly string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") return `routes ${name} takes no argument, but ${quoted(token.value)} was given`;
    if (token.kind !== "option") continue;
    const { rawName, value, inlineValue } = token;
    if (!known.includes(token.name)) return `routes ${name}: unknown option ${quoted(rawName)}`;
    if (options.has(token.name) && token.name !== "label") return `${rawName} is given twice`;
    if (token.name !== "json") {
      // `--device --json`: the next option is not this one's value; `--device=--json` says that it is.
      if (!value || (!inlineValue && value.startsWith("-"))) return `${rawName} needs a value`;
    } else if (value !== undefined) return `${rawName} takes no value`;
    options.set(token.name, [...(options.get(token.name) ?? []), value ?? ""]);
  }
  return options;
};

const wrong = (problem: string): ParsedRoutesArgs => ({ ok: false, problem });

const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
