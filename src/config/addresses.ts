/** Parsers of network addresses and of URLs that lead to a server. */

import { isIP, isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { shownSetting } from "./errors.js";
import type { Credentials } from "./shape.js";
import { hasControlCharacter, type Parsed, parsed, type ValueParser, wrong } from "./values.js";

const HOST_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A host name in ASCII, lower case (international names as A-labels, RFC 5890); undefined when it is none. */
export const hostName = (text: string): string | undefined => {
  if (text === "" || /[\s%[\]/?#@:\\]/.test(text)) return undefined;
  const ascii = domainToASCII(text).replace(/\.$/, "");
  if (ascii === "" || ascii.length > 253) return undefined;
  const labels = ascii.split(".");
  if (!labels.every((label) => HOST_LABEL.test(label))) return undefined;
  // The URL standard reads "1.2.3" and "0x7f.1" as addresses; nobody who writes them means that.
  return isIPv4(ascii) ? (text === ascii ? ascii : undefined) : /^\d+$/.test(labels.at(-1) ?? "") ? undefined : ascii;
};

/** A host name, an IPv4 address or an IPv6 address in brackets → the host without brackets. */
const hostOf = (text: string): string | undefined => {
  const bracketed = /^\[([^\]]*)\]$/.exec(text)?.[1];
  if (bracketed !== undefined) return isIPv6(bracketed) ? bracketed : undefined;
  return hostName(text);
};

export const isLoopback = (host: string): boolean =>
  host === "localhost" ||
  host.endsWith(".localhost") ||
  (isIPv4(host) && host.startsWith("127.")) ||
  (isIPv6(host) && /^(0*:)*:?0*1$/.test(host)) ||
  /^::ffff:127\./i.test(host);

export const broker: ValueParser<string> = {
  expected: "host:port, comma separated; an IPv6 address in brackets",
  parse(text) {
    if (text.includes("://")) return wrong(`${shownSetting(text)} is a URL; write host:port alone`);
    const match = /^(.*):(\d{1,5})$/s.exec(text);
    const host = match ? hostOf(match[1] ?? "") : hostOf(text);
    if (host === undefined) return wrong(`${shownSetting(text)} is not host:port`);
    if (!match) return wrong(`${shownSetting(text)} has no port`);
    const port = Number(match[2]);
    if (port < 1 || port > 65535) return wrong(`${shownSetting(text)} has a port outside 1 to 65535`);
    return parsed(`${isIPv6(host) ? `[${host}]` : host}:${port}`);
  },
};

/** Where to listen: a name or an address, with or without brackets. */
export const listenHost: ValueParser<string> = {
  expected: "a host name or an IP address of this machine; 0.0.0.0 or :: for all",
  parse(text) {
    const host = isIP(text) ? text : hostOf(text);
    return host === undefined ? wrong(`${shownSetting(text)} is neither`) : parsed(host);
  },
};

/** Names without ports, comma separated, without repeats. */
export const hostNames: ValueParser<readonly string[]> = {
  expected: "host names without ports, comma separated",
  parse(text) {
    const names = text
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
    const odd = names.find((name) => hostName(name) === undefined);
    return odd === undefined ? parsed([...new Set(names)]) : wrong(`${shownSetting(odd)} is not a host name`);
  },
};

/** RFC 5321, 4.1.1.1: a domain, or an address as a literal. */
export const heloName: ValueParser<string> = {
  expected: "a host name, or an IP address as a literal: [192.0.2.1], [IPv6:2001:db8::1]",
  parse(text) {
    const literal = /^\[(IPv6:)?(.*)\]$/i.exec(text);
    if (literal) {
      const isRight = (literal[1] === undefined ? isIPv4 : isIPv6)(literal[2] ?? "");
      return isRight ? parsed(text) : wrong(`${shownSetting(text)} is no address literal`);
    }
    if (isIP(text)) return wrong(`${shownSetting(text)} is an IP address without brackets`);
    const name = hostName(text);
    return name === undefined ? wrong(`${shownSetting(text)} is not a host name`) : parsed(name);
  },
};

export interface SmtpTarget {
  readonly host: string;
  readonly port: number;
  readonly implicitTls: boolean;
  /** An empty password: none was given. Only `smtpUrlWithUser` takes that. */
  readonly auth: Credentials | undefined;
}

const ENCODE_HINT = "characters such as @ : / ? # % in the user or password must be percent-encoded";

/** `smtp://` (port 587 unless named: RFC 6409) or `smtps://` (465: RFC 8314). The value is a secret: no problem quotes it. */
export const smtpUrl: ValueParser<SmtpTarget> = {
  expected: `smtp://user:password@host:port or smtps://…, without a path; ${ENCODE_HINT}`,
  parse(text) {
    const target = smtpUrlWithUser.parse(text);
    return target.ok && target.value.auth?.password === "" ? wrong("it has a user but no password") : target;
  },
};

/** For logins without a password. */
export const smtpUrlWithUser: ValueParser<SmtpTarget> = {
  expected: `smtp://user@host:port or smtps://…, without a path; ${ENCODE_HINT}`,
  parse(text) {
    if (/\s/.test(text) || hasControlCharacter(text))
      return wrong("it contains a space, a line break or a control character");
    if (!/^smtps?:\/\//i.test(text)) return wrong("it does not begin with smtp:// or smtps://");
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      return wrong(`it is not a URL (${ENCODE_HINT})`);
    }
    if (!/^\/?$/.test(url.pathname) || url.search !== "" || url.hash !== "" || /[?#]/.test(text)) {
      return wrong(`something follows the host and port (${ENCODE_HINT})`);
    }
    const host = hostOf(decoded(url.hostname) ?? "");
    if (host === undefined) return wrong("it has no valid host name");
    const implicitTls = url.protocol === "smtps:";
    const port = url.port === "" ? (implicitTls ? 465 : 587) : Number(url.port);
    if (port === 0) return wrong("its port is 0");
    const auth = credentials(url);
    return auth.ok ? parsed({ host, port, implicitTls, auth: auth.value }) : auth;
  },
};

const credentials = (url: URL): Parsed<Credentials | undefined> => {
  if (url.username === "" && url.password === "") return parsed(undefined);
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (username === undefined || password === undefined)
    return wrong("its user or password is not valid percent-encoding");
  if (username === "") return wrong("it has a password but no user");
  if (hasControlCharacter(username + password)) return wrong("its user or password contains a control character");
  return parsed({ username, password });
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** Its path too, which nobody guesses. */
export const httpUrl: ValueParser<string> = {
  expected: "an http:// or https:// URL without a user and a password",
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return wrong("it is no http or https URL");
    // Not quoted: it may hold a secret.
    if (url.username !== "" || url.password !== "") return wrong("it has a user or a password in it");
    return parsed(url.href);
  },
};
