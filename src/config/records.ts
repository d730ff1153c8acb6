/** How the records of the alerts topic are read. */

import { shown } from "./errors.js";
import type { EnvReader } from "./reader.js";
import { KEY_RULES, type RecordRules, type UrgentSeverity } from "./shape.js";
import { hidingLogins, oneOf, parsed, type ValueParser, wrong } from "./values.js";
import { optional, variables, withDefault } from "./variable.js";

type Severities = RecordRules["severities"];
type Severity = Exclude<UrgentSeverity, "off">;

const SEVERITIES: readonly string[] = ["info", "warning", "critical"] satisfies Severity[];

/** `p1=critical,error=warning`. Words are compared trimmed, in NFC, in lower case. */
const severityMap: ValueParser<Severities> = {
  expected: "word=severity,word=severity, each severity one of info, warning, critical",
  parse(text) {
    const map = new Map<string, Severity>();
    for (const entry of text.split(",")) {
      const equals = entry.lastIndexOf("=");
      const word = entry.slice(0, Math.max(0, equals)).trim().normalize("NFC").toLowerCase();
      const severity = entry
        .slice(equals + 1)
        .trim()
        .toLowerCase();
      if (equals < 0 || word === "") return wrong(`${shown(entry)} is no word=severity`);
      if (!SEVERITIES.includes(severity)) return wrong(`${shown(entry)} names no severity`);
      if (map.has(word)) return wrong(`${shown(word)} stands there twice`);
      map.set(word, severity as Severity);
    }
    return parsed(map);
  },
};

export const RECORDS = variables({
  KAFKA_KEY: withDefault(oneOf(KEY_RULES), {
    says: "what a record's key is: device, or any",
    more: "With `any` the key need not be the device ID. See [the key](alert-record.md#the-key).",
    default: "device",
    example: "any",
    readBy: ["preview", "dead-letters", "translate"],
  }),
  SEVERITY_MAP: optional(hidingLogins(severityMap), {
    says: "the producers' words for severities: p1=critical,error=warning",
    more: "They come before the [built-in words](alert-record.md#severity-and-status).",
    unset: "the built-in words",
    example: "p1=critical,error=warning",
    readBy: ["preview", "dead-letters", "translate"],
  }),
});

export const readRules = (reader: EnvReader): RecordRules => ({
  key: reader.read(RECORDS.KAFKA_KEY),
  severities: reader.read(RECORDS.SEVERITY_MAP) ?? new Map(),
});
