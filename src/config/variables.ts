/** All variables, in the order in which people read about them. */

import { DIGEST } from "./digest.js";
import { FORMATS } from "./formats.js";
import { KAFKA } from "./kafka.js";
import { OAUTH, SASL } from "./kafka-sasl.js";
import { SSL } from "./kafka-ssl.js";
import { MAIL } from "./mail.js";
import { PROCESS } from "./process.js";
import { LETTERS, RECIPIENTS, REPORT } from "./recipients.js";
import { RECORDS } from "./records.js";
import { SCHEMA_REGISTRY } from "./schema-registry.js";
import { SMTP } from "./smtp.js";
import { TRANSLATE } from "./translate.js";
import type { Reader, Variable } from "./variable.js";

export interface Section {
  readonly title: string;
  readonly variables: readonly Variable[];
}

/** Commands that talk to Kafka only read all of its variables. */
const KAFKA_READERS: readonly Reader[] = ["dead-letters", "sent", "translate"];

const section = (title: string, ...groups: readonly Readonly<Record<string, Variable>>[]): Section => ({
  title,
  variables: groups.flatMap((group) => Object.values(group)),
});

const readBy = (readers: readonly Reader[], { title, variables }: Section): Section => ({
  title,
  variables: variables.map((variable) => ({ ...variable, readBy: readers })),
});

export const SECTIONS: readonly Section[] = [
  readBy(KAFKA_READERS, section("Kafka", KAFKA, SSL, SASL, OAUTH)),
  section("How alerts are written", RECORDS, FORMATS),
  readBy(["dead-letters", "translate"], section("Schema registry", SCHEMA_REGISTRY)),
  section("Windows and mails", DIGEST),
  section("Mail server", SMTP),
  section("What a mail looks like", MAIL),
  section("Recipients", RECIPIENTS, REPORT, LETTERS),
  section("The process", PROCESS),
  section("Translating other topics", TRANSLATE),
];

export const VARIABLES: readonly Variable[] = SECTIONS.flatMap(({ variables }) => variables);

/** Every name that means something: those of the variables, and `NAME_FILE` of each secret. */
export const VARIABLE_NAMES: readonly string[] = VARIABLES.flatMap(({ name, secrecy }) =>
  secrecy === undefined ? [name] : [name, `${name}_FILE`],
);

export const isReadBy = ({ readBy = [], onlyBy }: Variable, reader: Reader): boolean =>
  onlyBy === undefined ? reader === "run" || reader === "check" || readBy.includes(reader) : onlyBy === reader;
