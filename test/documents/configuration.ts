/** docs/configuration.md, made of the declarations of the variables. */

import { namesReadBy } from "#src/config/settings-help.js";
import { READERS, type Reader, type Variable } from "#src/config/variable.js";
import { SECTIONS } from "#src/config/variables.js";

export const configurationPage = (): string => `# Configuration

<!-- Made by \`npm run docs\` from the declarations in src/config. Change those. -->

All settings are environment variables. \`KAFKA_BROKERS\`, \`SMTP_URL\` and \`MAIL_FROM\` are required, and somebody must
get the mails: \`MAIL_TO\`, \`ROUTES_FILE\` or \`RECIPIENTS_DATABASE_URL\`. Everything else has a default.

alert-digest reads all variables at the start. If some are wrong, it names all of them at once, each with an example
that works, and ends with exit code 78. \`alert-digest check\` tries the settings against Kafka, the mail server and the
database without reading an alert.

- **Durations** are written \`250ms\`, \`30s\`, \`15m\`, \`4h\`. **Sizes** are written \`512KB\`, \`256MB\`, \`2GB\`; 1 KB is 1024 bytes.
- **Yes or no** is \`true\` or \`false\`; \`on\`, \`off\`, \`yes\`, \`no\`, \`1\` and \`0\` work, too.
- **A blank variable** counts as not set.
- **A misspelt name** stops nothing. A warning in the log says which name you may have meant.
- **Secrets** are marked below. The log and the error messages never show them. Each secret can be read from a file instead:
  set \`SMTP_URL_FILE=/run/secrets/smtp\` and leave out \`SMTP_URL\`.

${SECTIONS.map(({ title, variables }) => `## ${title}\n\n${table(HEAD, variables.map(row))}`).join("\n\n")}

## Which command reads what

${table(
  ["command", "variables"],
  READERS.map((reader) => [code(`alert-digest ${reader}`), read(reader)]),
)}
`;

const HEAD = ["variable", "default", "what it sets", "takes"];

const row = (variable: Variable): readonly string[] => [
  code(variable.name),
  withoutIt(variable),
  [sentence(variable.says), variable.more, variable.secrecy && "**Secret.**"]
    .filter((part) => part !== undefined)
    .join(" "),
  taken(variable),
];

/** How durations and sizes are written stands above the tables. */
const taken = ({ parser, expected, example, default: usual }: Variable): string => {
  if (parser.words !== undefined) return parser.words.map(code).join(", ");
  const form = plain(expected.replace(/: a whole number and (ms|KB).*/, ""));
  return example === usual ? form : `${form}; like ${code(example)}`;
};

/** No HTML, and no emphasis. */
const plain = (text: string): string => text.replaceAll(/[<>_*]/g, "\\$&");

const withoutIt = ({ required, default: usual, unset }: Variable): string =>
  required ? "required" : usual === undefined ? plain(unset ?? "") : code(usual);

const read = (reader: Reader): string =>
  reader === "run" || reader === "check" ? "all" : namesReadBy(reader).map(code).join(", ");

const sentence = (text: string): string => plain(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`);

const code = (text: string): string => `\`${text}\``;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");

const cell = (text: string): string => text.replaceAll("|", "\\|");
