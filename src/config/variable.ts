/**
 * A variable of the environment, declared once: how its text is read, what applies without it, and what people are told of it. `--help`, the page
 * docs/configuration.md, the advice on misspelt names and what the log may show are made of these declarations.
 */

import { type ValueParser, wrong } from "./values.js";

/** Commands that read variables. `run` and `check` read all of them but what is another's alone. */
export const READERS = ["run", "check", "dead-letters", "sent", "routes", "preview", "translate"] as const;
export type Reader = (typeof READERS)[number];

/** What people are told. */
interface Words {
  /** One line of `--help`: what it sets. */
  readonly says: string;
  /** What docs/configuration.md says beyond that: Markdown, whole sentences. */
  readonly more?: string;
  /** A value that is right. Without one the default is the example. */
  readonly example?: string;
  /** What applies while it is not set, in words, where that is more than "nothing". */
  readonly unset?: string;
  /** Which commands read it beside `run` and `check`. */
  readonly readBy?: readonly Reader[];
  /** Nobody but this command reads it. */
  readonly onlyBy?: Reader;
}

/** Of a variable whose value nobody may see. */
export interface Secrecy<V> {
  /** All texts that no line of the log may contain. `textOf` gives the text of another variable. */
  hides(value: V, textOf: (variable: string) => string | undefined): readonly string[];
  /** The value as the log may show it; absent: not at all. */
  logged?(value: V): string;
}

/** Of a variable that holds the path of a file: what the variable's value is, once the file's content was parsed. */
export type FileValue<V> = (path: string, content: string) => V;

/** `V`: its value. `F`: what reading it gives while it is not set. */
export interface Variable<V = unknown, F = unknown> extends Words {
  readonly name: string;
  /** Of its text, or of the content of the file that it names. */
  readonly parser: ValueParser<unknown>;
  readonly expected: string;
  readonly example: string;
  readonly required: boolean;
  /** As somebody would write it. */
  readonly default: string | undefined;
  readonly fallback: F;
  readonly file: FileValue<V> | undefined;
  /** Given: `NAME_FILE` is read as well. */
  readonly secrecy: Secrecy<V> | undefined;
  /** Its value is a list of people: the log shows how many, unless `LOG_RECIPIENTS` is `full`. */
  readonly people: boolean;
}

type Unnamed<V, F> = Omit<Variable<V, F>, "name">;

const unnamed = <V, F>(
  parser: ValueParser<unknown>,
  words: Words,
  rest: { readonly fallback: F } & Partial<Unnamed<V, F>>,
): Unnamed<V, F> => ({
  ...words,
  parser,
  expected: parser.expected,
  example: words.example ?? rest.default ?? "",
  required: false,
  default: undefined,
  file: undefined,
  secrecy: undefined,
  people: false,
  ...rest,
});

/** The default is written as a user would write it, and parsed as that. */
export const withDefault = <V>(
  parser: ValueParser<V>,
  words: Words & { readonly default: string; readonly people?: boolean },
): Unnamed<V, V> => {
  const { default: text, people = false, ...rest } = words;
  const fallback = parser.parse(text);
  if (!fallback.ok) throw new Error(`the default ${text}: ${fallback.problem}`);
  return unnamed(parser, rest, { fallback: fallback.value, default: text, people });
};

export const optional = <V>(
  parser: ValueParser<V>,
  { people = false, ...words }: Words & { readonly example: string; readonly people?: boolean },
): Unnamed<V, undefined> => unnamed(parser, words, { fallback: undefined, people });

export const required = <V>(
  parser: ValueParser<V>,
  words: Words & { readonly example: string },
): Unnamed<V, undefined> => unnamed(parser, words, { fallback: undefined, required: true });

/** Read from the variable, or from the file that `NAME_FILE` names. */
export const secret = <V>(
  parser: ValueParser<V>,
  {
    hides,
    logged,
    required: isRequired = false,
    ...words
  }: Words & Secrecy<V> & { readonly example: string; readonly required?: boolean },
): Unnamed<V, undefined> =>
  unnamed<V, undefined>(parser, words, {
    fallback: undefined,
    required: isRequired,
    secrecy: { hides, ...(logged && { logged }) },
  });

/** The variable holds the path of a file; `parser` is that of the content, and its `expected` begins with what the file holds. */
export const file = <V>(
  parser: ValueParser<unknown>,
  words: Words & { readonly example: string; readonly value: FileValue<V> },
): Unnamed<V, undefined> => {
  const { value, ...rest } = words;
  return unnamed<V, undefined>(parser, rest, {
    fallback: undefined,
    file: value,
    expected: `the path of a readable file with ${parser.expected}`,
  });
};

/** The value is the text of the file; `problem` says what is wrong with a text that has a PEM block. */
export const pemFile = (
  holds: string,
  words: Words & { readonly example: string },
  problem: (pem: string) => string | undefined = () => undefined,
): Unnamed<string, undefined> =>
  file(
    {
      expected: holds,
      parse(text) {
        const found = text.includes("-----BEGIN ") ? problem(text) : "it has no PEM block";
        return found === undefined ? { ok: true, value: text } : wrong(found);
      },
    },
    { ...words, value: (_path, content) => content },
  );

/** Each variable gets the name under which it stands. */
export const variables = <D extends Readonly<Record<string, Unnamed<unknown, unknown>>>>(
  declared: D,
): { readonly [N in keyof D]: D[N] & { readonly name: string } } =>
  Object.fromEntries(Object.entries(declared).map(([name, one]) => [name, { ...one, name }])) as never;
