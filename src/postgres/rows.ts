import { RECIPIENT_KINDS, type Recipient, type RecipientFault, type RecipientKind } from "../runtime/ports.js";

/** Where in a row what is, after the place of its device in column 0. */
export interface Columns {
  readonly address: number;
  readonly kind: number | undefined;
  readonly locale: number | undefined;
  readonly timezone: number | undefined;
}

/** Names as the query has them; undefined when it is not clear which is the address. */
export const columnsOf = (names: readonly string[]): Columns | undefined => {
  const find = (name: string): number | undefined => {
    const index = names.indexOf(name);
    return index === -1 ? undefined : index + 1;
  };
  const address = find("address") ?? find("email") ?? (names.length === 1 ? 1 : undefined);
  return address === undefined
    ? undefined
    : { address, kind: find("kind"), locale: find("locale"), timezone: find("timezone") };
};

export interface RowRules {
  /** As the server is given it; undefined when it is no address. */
  readonly address: (text: string) => string | undefined;
  readonly locales: readonly string[];
  /** `text` is what was found, not made harmless. */
  readonly onFault: (fault: RecipientFault, found: { readonly text: string; readonly address: string }) => void;
}

/**
 * The recipients in a device's rows: each address once, the one seen most openly; in an order that does not depend on the database's. A row whose
 * address is none is left out; one whose kind, locale or time zone is not known counts without it.
 */
export const recipientsIn = (rows: readonly (readonly unknown[])[], columns: Columns, rules: RowRules): Recipient[] => {
  const found = rows.flatMap((row) => recipientIn(row, columns, rules) ?? []);
  found.sort((a, b) => rank(a) - rank(b) || compare(a.address, b.address));
  const first = new Map<string, Recipient>();
  for (const recipient of found) if (!first.has(recipient.address)) first.set(recipient.address, recipient);
  return [...first.values()];
};

const rank = ({ kind }: Recipient): number => RECIPIENT_KINDS.indexOf(kind);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const recipientIn = (row: readonly unknown[], columns: Columns, rules: RowRules): Recipient | undefined => {
  const written = textIn(row, columns.address) ?? "";
  const address = rules.address(written);
  if (address === undefined) {
    rules.onFault("address", { text: written, address: written });
    return undefined;
  }
  const known = <T extends string>(name: RecipientFault & keyof Columns, accept: (text: string) => T | undefined) => {
    const text = textIn(row, columns[name]);
    const value = text === undefined ? undefined : accept(text);
    if (text !== undefined && value === undefined) rules.onFault(name, { text, address });
    return value;
  };
  const kind = known("kind", (text) => RECIPIENT_KINDS.find((one) => one === text.toLowerCase())) ?? "to";
  const locale = known("locale", (text) => rules.locales.find((one) => one === text.toLowerCase()));
  const timezone = known("timezone", (text) => (isTimezone(text) ? text : undefined));
  return {
    address,
    kind: kind satisfies RecipientKind,
    ...(locale === undefined ? {} : { locale }),
    ...(timezone === undefined ? {} : { timezone }),
  };
};

/** Empty is as good as NULL. */
const textIn = (row: readonly unknown[], column: number | undefined): string | undefined => {
  const value = column === undefined ? undefined : row[column];
  if (value === null || value === undefined) return undefined;
  const text = String(value).trim();
  return text === "" ? undefined : text;
};

const isTimezone = (text: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
};
