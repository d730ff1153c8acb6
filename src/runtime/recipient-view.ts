/** Addresses of people, as a log may show them. */

/** `masked`: `k***@example.com`. `none`: neither the addresses nor their domains. */
export type RecipientMode = "full" | "masked" | "none";

export interface RecipientView {
  /** For a field that lists them; undefined, so no field, where none may be shown. */
  list(addresses: readonly string[]): readonly string[] | undefined;
  /** One of them; undefined where none may be shown. */
  one(address: string): string | undefined;
  /** A server's words, or a library's: servers repeat addresses, also others than they were given. `except` (a Message-ID) stays as it is. */
  text(text: string, except?: string): string;
}

export const createRecipientView = (mode: RecipientMode): RecipientView => {
  if (mode === "full") return { list: (addresses) => addresses, one: (address) => address, text: (text) => text };
  const instead = mode === "masked" ? masked : () => "[recipient]";
  return {
    list: (addresses) => (mode === "masked" ? addresses.map(masked) : undefined),
    one: (address) => (mode === "masked" ? masked(address) : undefined),
    text: (text, except = "") =>
      text.includes("@") ? text.replace(ADDRESS, (found) => (except.includes(found) ? found : instead(found))) : text,
  };
};

/** The domain stays: that one provider refuses everything is what an operator looks for. One or two characters would be the whole name. */
const masked = (address: string): string => {
  const at = address.lastIndexOf("@");
  const [first = "", ...rest] = address.slice(0, Math.max(0, at));
  return `${rest.length > 1 ? first : ""}***${address.slice(at < 0 ? address.length : at)}`;
};

/** Looser than RFC 5321 section 4.1.2: better one word masked too many. */
const ADDRESS = /(?:"[^"]*"|[^\s<>()[\],:;"]+)@(?:\[[^\]\s]*\]|[^\s<>()[\],:;"]+)/g;
