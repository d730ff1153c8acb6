/** The command line of `alert-digest routes`: its options and its help. */

import { namesReadBy } from "../../config/settings-help.js";
import { oneOf, parsed, type ValueParser, wrong } from "../../config/values.js";
import { SEVERITIES, type Severity } from "../../core/alert.js";
import { command } from "../command.js";
import {
  anyText,
  flag,
  moment,
  needed,
  option,
  optionLines,
  paragraph,
  quoted,
  readOptions,
  repeated,
  subcommand,
  usageOf,
  withDefault,
} from "../options.js";

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
  | {
      readonly kind: "test";
      readonly alert: AskedAlert;
      /** When it happens. */
      readonly atMs: number;
      readonly file: string | undefined;
      readonly json: boolean;
    }
  | { readonly kind: "check"; readonly nowMs: number; readonly file: string | undefined };

const label: ValueParser<readonly [string, string]> = {
  expected: "KEY=VALUE, like site=busan-2",
  parse(text) {
    const match = /^([^=]+)=(.*)$/s.exec(text);
    return match === null ? wrong(`${quoted(text)} is no pair`) : parsed([match[1] ?? "", match[2] ?? ""]);
  },
};

const OF_BOTH = { routes: option("FILE", anyText, "instead of ROUTES_FILE") };
const OF_TEST = {
  device: needed("ID", anyText, "device ID of the alert"),
  name: option("NAME", anyText, "the device's name"),
  severity: withDefault("SEVERITY", oneOf(SEVERITIES), "warning", SEVERITIES.join(", ")),
  type: option("TYPE", anyText, "e.g. TEMPERATURE_HIGH"),
  label: repeated("KEY=VALUE", label, "a label; may be given several times"),
  at: option("TIME", moment, "when it happens, for routes that mute: 2026-11-21T23:30:00Z; 2h (ago); default now"),
  ...OF_BOTH,
  json: flag("the same as JSON"),
};

export const ROUTES = command<RoutesCommand>({
  name: "routes",
  says: "test and check the routes: who would be told of an alert, and why",
  usage: `${usageOf("usage: alert-digest routes test", OF_TEST)}
${usageOf("       alert-digest routes check", OF_BOTH)}`,
  help: `test   says who would be told of such an alert: for each route whether it matches and why, then every message with its
       recipients and how it looks
check  reads the routes and says what is wrong with them, and what is hardly meant so: a mute without an end, a route
       that nothing reaches

test:

${optionLines(OF_TEST)}

check:

${optionLines(OF_BOTH)}

It connects to nothing. If RECIPIENTS_DATABASE_URL is set, recipients from the database come on top of these.

${paragraph(
  `It reads these variables: ${namesReadBy("routes").join(", ")}. Exit codes: 0 somebody would be told, or the file is right; 1 nobody would be told, also where a route mutes; 64 wrong usage; 78 wrong configuration or routes.`,
)}
`,
  parse(argv, nowMs) {
    const [name, rest] = subcommand("routes", ["test", "check"], argv);
    if (name === "check") return { kind: "check", nowMs, file: readOptions("routes check", OF_BOTH, rest).routes };
    const {
      device,
      name: deviceName,
      severity,
      type,
      label: labels,
      at,
      routes,
      json,
    } = readOptions("routes test", OF_TEST, rest);
    const alert = { device, name: deviceName, severity, type, labels: Object.fromEntries(labels) };
    return { kind: "test", alert, atMs: at?.at(nowMs) ?? nowMs, file: routes, json };
  },
  load: async () => (await import("./main.js")).execute,
});
