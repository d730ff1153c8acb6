/** The verifier against the example of RFC 8463, appendix A. */

import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { test } from "node:test";
import { verifyDkim } from "#test/support/dkim-verify.js";

const MESSAGE = Buffer.from(
  `DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
`.replaceAll("\n", "\r\n"),
);

const ed25519 = createPublicKey({
  key: {
    kty: "OKP",
    crv: "Ed25519",
    x: Buffer.from("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "base64").toString("base64url"),
  },
  format: "jwk",
});
const rsa = createPublicKey({
  key: Buffer.from(
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
    "base64",
  ),
  format: "der",
  type: "spki",
});

test("the signatures of RFC 8463's example hold, RSA's and Ed25519's", () => {
  assert.equal(verifyDkim(MESSAGE, "brisbane", ed25519).problem, undefined);
  assert.equal(verifyDkim(MESSAGE, "test", rsa).problem, undefined);
});

test("a changed body, a changed field, an added From and a missing signature are noticed", () => {
  const changed = (from: string, to: string) =>
    verifyDkim(Buffer.from(MESSAGE.toString().replace(from, to)), "brisbane", ed25519).problem;
  assert.match(changed("lost the game", "won the game") ?? "", /body/);
  assert.match(changed("Subject: Is dinner", "Subject: Was dinner") ?? "", /header/);
  assert.match(changed("From: Joe", "From: x@example.com\r\nFrom: Joe") ?? "", /header/);
  assert.match(changed("s=brisbane", "s=perth") ?? "", /no such/);
  assert.equal(changed("Subject: Is dinner", "subject :  Is\r\n  dinner"), undefined, "relaxed");
});
