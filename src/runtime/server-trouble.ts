/** What is wrong with the mail server, as the person on call would put it, and what to do: one word for each. */

import type { SmtpFailure } from "./ports.js";

export const SERVER_TROUBLES = [
  "name-unknown",
  "refused",
  "no-answer",
  "closed",
  "busy",
  "turned-away",
  "stranger",
  "no-tls",
  "certificate",
  "tls-failed",
  "password",
  "token",
  "login-missing",
  "login-not-offered",
] as const;
export type ServerTrouble = (typeof SERVER_TROUBLES)[number];

/** Where mails go and how: no secret. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly login: "none" | "password" | "token";
}

/** Of a failure because of which the server counts as unreachable. */
export const troubleOf = (failure: SmtpFailure, login: ServerAddress["login"]): ServerTrouble => {
  const { phase, reason, reply, code, detail = "" } = failure;
  switch (reason) {
    case "dns":
      return "name-unknown";
    case "connection-refused":
      return "refused";
    case "timeout":
      return "no-answer";
    case "connection-lost":
      return "closed";
    case "service-unavailable":
      return "busy";
    case "greeting":
      return "turned-away";
    case "tls":
      // The server's own word on STARTTLS: it does not know it, or cannot just now.
      if (reply !== "") return "no-tls";
      return /certificat|altnames|issuer/i.test(detail) ? "certificate" : "tls-failed";
    case "auth":
      if (login === "none") return "login-missing";
      if (phase === "login" && code === undefined && /offers no login/.test(detail)) return "login-not-offered";
      return login === "token" ? "token" : "password";
    default:
      return "stranger";
  }
};

/** One sentence with the address, one with what to do. */
export const sayTrouble = (trouble: ServerTrouble, { host, port }: ServerAddress) => {
  const [what, advice] = SENTENCES[trouble](`${host}:${port}`);
  return { what, advice };
};

const SENTENCES: Readonly<Record<ServerTrouble, (at: string) => readonly [string, string]>> = {
  "name-unknown": (at) => [
    `this host cannot resolve the name of the mail server, ${at}`,
    "correct SMTP_URL, or look at this host's DNS",
  ],
  refused: (at) => [
    `nobody takes connections at ${at}`,
    "check host and port in SMTP_URL, and whether the server runs",
  ],
  "no-answer": (at) => [
    `${at} does not answer in time`,
    "check host and port in SMTP_URL, and the firewall; smtps:// is for port 465, smtp:// for 587 and 25",
  ],
  closed: (at) => [
    `${at} closes the connection`,
    "check whether the server lets this host in; smtps:// is for port 465, smtp:// for 587 and 25",
  ],
  busy: (at) => [`the mail server at ${at} serves nobody just now`, "wait, or ask whoever runs it about its limits"],
  "turned-away": (at) => [
    `the mail server at ${at} turns this host away`,
    "ask whoever runs it to let this host in; its reply says why",
  ],
  stranger: (at) => [`what answers at ${at} does not speak SMTP`, "check host and port in SMTP_URL"],
  "no-tls": (at) => [
    `the mail server at ${at} offers no STARTTLS, and SMTP_TLS asks for it`,
    "use its TLS port (smtps://…:465), or set SMTP_TLS=opportunistic where the network can be trusted",
  ],
  certificate: (at) => [
    `the certificate of the mail server at ${at} is not accepted`,
    "use a name in SMTP_URL that the certificate has, name a private CA in SMTP_CA_FILE, or renew the certificate",
  ],
  "tls-failed": (at) => [
    `there is no TLS connection with ${at}`,
    "check SMTP_URL: smtps:// is for a port that speaks TLS from the first byte (465), smtp:// for 587 and 25",
  ],
  password: (at) => [
    `the mail server at ${at} does not take the login`,
    "correct the user or password in SMTP_URL and restart; its reply says whether the account is locked",
  ],
  token: (at) => [
    `the login at ${at} with an access token fails`,
    "see to what renews SMTP_OAUTH2_TOKEN_FILE, and to the user in SMTP_URL",
  ],
  "login-missing": (at) => [
    `the mail server at ${at} wants a login, and none is configured`,
    "put user and password into SMTP_URL and restart",
  ],
  "login-not-offered": (at) => [
    `a login is configured, and the mail server at ${at} offers none`,
    "use the port for mail clients (587 or 465) in SMTP_URL; many servers offer a login over TLS only",
  ],
};
