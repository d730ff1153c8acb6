/** The inbox as a web page on 127.0.0.1. Mails are foreign text: their HTML is shown only in a sandbox without scripts or network. */

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Language } from "#tools/simulator/catalog.js";
import type { InboxMail } from "./inbox.js";

export interface InboxWeb {
  readonly url: string;
  close(): Promise<void>;
}

const PAGE_FOLDER = new URL("../../test/demo/inbox-page/", import.meta.url);
const FILES: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/inbox.css": { file: "inbox.css", type: "text/css; charset=utf-8" },
  "/inbox.js": { file: "inbox.js", type: "text/javascript; charset=utf-8" },
};
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
const LISTED_AT_ONCE = 500;

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly policy: string;
}

const text = (status: number, body: string): Reply => ({ status, type: "text/plain", body, policy: PAGE_POLICY });
const json = (value: unknown): Reply => ({
  status: 200,
  type: "application/json",
  body: JSON.stringify(value),
  policy: PAGE_POLICY,
});

const summary = (mail: InboxMail): object => ({
  id: mail.id,
  receivedAtMs: mail.receivedAtMs,
  subject: mail.subject,
  deviceId: mail.deviceId,
  count: mail.count,
  severity: mail.severity,
  windowEndMs: mail.windowEndMs,
});

const details = (mail: InboxMail): object => ({
  ...summary(mail),
  from: mail.from,
  to: mail.to,
  headers: mail.headers,
  text: mail.text,
  hasHtml: mail.html !== "",
});

/** `mails` may grow while it is shown. */
export async function startInboxWeb(mails: readonly InboxMail[], language: Language): Promise<InboxWeb> {
  const answer = async (request: IncomingMessage): Promise<Reply> => {
    // Only under its own name: a page elsewhere that makes its name point here must not read mails.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "")) return text(421, "wrong host");
    if (request.method !== "GET") return text(405, "only GET");
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const known = Object.hasOwn(FILES, url.pathname) ? FILES[url.pathname] : undefined;
    if (known) {
      const file = await readFile(new URL(known.file, PAGE_FOLDER), "utf8");
      const body = file.replace('<html lang="en">', `<html lang="${language}">`);
      return { status: 200, type: known.type, body, policy: PAGE_POLICY };
    }
    if (url.pathname === "/api/mails") {
      const after = Number(url.searchParams.get("after") ?? 0) || 0;
      return json({ total: mails.length, mails: mails.slice(after).slice(0, LISTED_AT_ONCE).map(summary) });
    }
    const [, prefix, id] = /^\/(api\/mails|html)\/(\d{1,9})$/.exec(url.pathname) ?? [];
    const mail = mails[Number(id) - 1];
    if (mail === undefined) return text(404, "not found");
    if (prefix === "html") {
      return { status: 200, type: "text/html; charset=utf-8", body: mail.html, policy: MAIL_POLICY };
    }
    return json(details(mail));
  };

  const server = createServer((request, response) => {
    answer(request).then(
      (reply) => send(response, reply),
      () => send(response, text(500, "failed")),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, {
    "content-type": reply.type,
    "content-security-policy": reply.policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  response.end(reply.body);
}
