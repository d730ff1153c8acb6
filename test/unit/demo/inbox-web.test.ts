import assert from "node:assert/strict";
import { request } from "node:http";
import { after, test } from "node:test";
import { createTransport } from "nodemailer";
import { startInbox } from "#test/demo/inbox.js";
import { startInboxWeb } from "#test/demo/inbox-web.js";

const inbox = await startInbox();
const web = await startInboxWeb(inbox.mails, "ko");
after(async () => {
  await web.close();
  await inbox.close();
});

const HOSTILE = "<script>alert(1)</script>";

const deliver = async (headers: Record<string, string>): Promise<void> => {
  const transport = createTransport({ host: "127.0.0.1", port: inbox.port, ignoreTLS: true });
  await transport.sendMail({
    from: "a@demo.example",
    to: "b@demo.example",
    subject: `[알림] ${HOSTILE} - 2건`,
    text: "심각, 09:00부터 발생 중\r\n본문",
    html: `<p>${HOSTILE}</p>`,
    headers,
  });
  transport.close();
};

test("a delivered mail is in the list with its headers read, its HTML apart and without scripts", async () => {
  await deliver({
    "X-Alert-Digest-Device": "pump-1",
    "X-Alert-Digest-Window": "2026-11-21T00:00:00.000Z/2026-11-21T00:00:30.000Z",
    "X-Alert-Digest-Source": "alerts/3/1042-1077",
    "X-Alert-Digest-Count": "2",
    "Content-Language": "ko",
  });
  const [mail] = inbox.mails;
  assert.deepEqual(
    [mail?.deviceId, mail?.partition, mail?.firstOffset, mail?.lastOffset, mail?.count, mail?.windowEndMs],
    ["pump-1", 3, 1042, 1077, 2, Date.parse("2026-11-21T00:00:30Z")],
  );
  const list = (await (await fetch(`${web.url}/api/mails?after=0`)).json()) as {
    mails: { subject: string; severity: string }[];
  };
  assert.equal(list.mails[0]?.subject, `[알림] ${HOSTILE} - 2건`);
  assert.equal(list.mails[0]?.severity, "critical");
  const html = await fetch(`${web.url}/html/1`);
  assert.match(html.headers.get("content-security-policy") ?? "", /^sandbox; default-src 'none'/);
  const page = await fetch(web.url);
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'; script-src 'self'/);
  const document = await page.text();
  assert.match(document, /<html lang="ko">/);
  assert.doesNotMatch(document, /https?:/);
});

test("a mail without the product's headers is told apart and not listed", async () => {
  const listed = inbox.mails.length;
  await deliver({});
  assert.equal(inbox.mails.length, listed);
  assert.match(inbox.strange.at(-1) ?? "", /has not all of the headers/);
});

test("what is not there is 404, and a request under another name is refused", async () => {
  assert.equal((await fetch(`${web.url}/api/mails/999`)).status, 404);
  assert.equal((await fetch(`${web.url}/../package.json`)).status, 404);
  const status = await new Promise((resolve, reject) => {
    request(web.url, { headers: { host: "evil.example" } }, (response) => resolve(response.resume().statusCode))
      .once("error", reject)
      .end();
  });
  assert.equal(status, 421);
});
