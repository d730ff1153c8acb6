import { isIPv4, isIPv6 } from "node:net";

/** One or more labels and a dot between them (RFC 1123 section 2.1): an underscore would have many servers refuse the greeting. */
const isDomainName = (name: string): boolean =>
  name.length <= 253 && /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(name);

/** `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 section 4.1.3); undefined where the text is no IP address. */
const addressLiteral = (address: string): string | undefined => {
  const [plain = ""] = address.split("%");
  const mapped = /^::ffff:([\d.]+)$/i.exec(plain)?.[1] ?? plain;
  if (isIPv4(mapped)) return `[${mapped}]`;
  return isIPv6(plain) ? `[IPv6:${plain}]` : undefined;
};

/** What EHLO says where `SMTP_HELO` does not tell: this host's name if it is one with a dot, else where the connection comes from. */
export const heloName = (hostName: string, localAddress: string | undefined): string =>
  isDomainName(hostName) && !isIPv4(hostName) ? hostName : (addressLiteral(localAddress ?? "") ?? LOOPBACK);

const LOOPBACK = "[127.0.0.1]";
