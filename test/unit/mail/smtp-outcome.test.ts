import assert from "node:assert/strict";
import { test } from "node:test";
import { unreachable } from "#src/mail/smtp-outcome.js";

const NOTHING = { timedOutAfterMs: undefined, secrets: [], unsendable: [] };

const detailOf = (message: string): string | undefined =>
  unreachable({ phase: "tls", error: Object.assign(new Error(message), { code: "ESOCKET" }) }, NOTHING).failure.detail;

test("of what OpenSSL says of a failed TLS connection the reason is passed on, without thread, number and source file", () => {
  const line = (reason: string, rest = ""): string =>
    `80FCE6A3C37F0000:error:0A00010B:SSL routines:ssl3_get_record:${reason}:../deps/openssl/openssl/ssl/record/ssl3_record.c:350:${rest}\n`;
  assert.equal(detailOf(line("wrong version number")), "wrong version number");
  assert.equal(
    detailOf(line("sslv3 alert certificate unknown", "SSL alert number 46")),
    "sslv3 alert certificate unknown",
  );
  assert.equal(
    detailOf("self-signed certificate in certificate chain"),
    "self-signed certificate in certificate chain",
  );
  assert.equal(detailOf("connect ECONNREFUSED 127.0.0.1:1"), "connect ECONNREFUSED 127.0.0.1:1");
});
