/** `alert-digest help`, `help COMMAND` and `version`: also what `--help` and `--version` say. */

import { settingsHelp } from "../config/settings-help.js";
import { type Command, command, EXIT } from "./command.js";
import { columns, didYouMean, fail, quoted, readOptions, readOptionsAndArguments } from "./options.js";

export const generalUsage = (commands: readonly Command[]): string =>
  `usage: alert-digest ${commands.map(({ name }) => name).join("|")} | --help | --version`;

export const generalHelp = (commands: readonly Command[]): string => `${generalUsage(commands)}

Reads device alerts from Kafka and sends one e-mail per device and window, losing none.

${columns(commands.map(({ name, says }) => [name, says]))}

alert-digest help COMMAND says more about a command.

${settingsHelp()}

Exit codes: 0 clean stop, 1 fatal error, 64 wrong usage, 78 wrong configuration.
`;

export const helpOf = ({ usage, help }: Command): string => `${usage}\n\n${help}`;

export const helpCommand = (commands: () => readonly Command[]): Command =>
  command({
    name: "help",
    says: "this text; help COMMAND: about one of them",
    usage: "usage: alert-digest help [COMMAND]",
    help: "Says what alert-digest is and what its settings are, or how one command is used. So does --help.\n",
    parse(argv) {
      const [name] = readOptionsAndArguments("help", {}, argv, 1).positionals;
      if (name === undefined) return generalHelp(commands());
      const found = commands().find((one) => one.name === name);
      if (found !== undefined) return helpOf(found);
      const names = commands().map((one) => one.name);
      return fail(`unknown command ${quoted(name)}${didYouMean(name, names)}`);
    },
    load:
      async () =>
      async (text, { out }) => {
        out(text);
        return EXIT.ok;
      },
  });

export const VERSION = command({
  name: "version",
  says: "the version",
  usage: "usage: alert-digest version",
  help: "Says the version. So does --version.\n",
  parse: (argv) => readOptions("version", {}, argv),
  load:
    async () =>
    async (_args, { out, build }) => {
      out(`${build.version}\n`);
      return EXIT.ok;
    },
});
