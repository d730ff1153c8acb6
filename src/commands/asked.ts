/** What a command line asks for wherever it stands, `--help` first. It loads nothing: `--version` is over before any table of options is read. */

export const asksForHelp = (argv: readonly string[]): boolean =>
  argv.some((argument) => argument === "--help" || argument === "-h");

export const asksForVersion = (argv: readonly string[]): boolean =>
  !asksForHelp(argv) && argv.some((argument) => argument === "--version" || argument === "-v");
