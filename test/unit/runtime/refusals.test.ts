import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsRecipients, speaksOf } from "#src/runtime/refusals.js";

const OF_US = [
  "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname",
  "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
  "450 4.7.1 <host>: Helo command rejected: Host not found",
  "554 5.7.1 <kim@example.com>: Relay access denied",
  "454 4.7.1 <kim@example.com>: Relay access denied",
  "550 relay not permitted",
  "550 5.7.1 <kim@example.com>... Relaying denied",
  "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
  "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
  "550 5.7.1 Mail from 192.0.2.1 refused: listed in bl.example.net, see blocklist",
  "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]",
  "550 5.7.25 The IP address sending this message does not have a PTR record setup",
  "550 5.4.5 Daily user sending limit exceeded",
  "550 5.7.1 Your message rate limit was exceeded",
  "554 5.7.0 Too many messages sent today",
  "452 4.3.1 Insufficient system storage",
  "452 4.3.1 Insufficient system resources",
  "452 space shortage: insufficient disk space",
  "521 5.3.2 system not accepting network messages",
  "553 5.7.1 <alerts@example.com>: Sender address rejected: not owned by user alerts",
  "450 4.1.8 <alerts@example.test>: Sender address rejected: Domain not found",
  "550 Sender verify failed",
  "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
  "550 5.7.26 This mail is unauthenticated",
  "554 5.7.1 Please authenticate first: authentication required",
  "550 5.7.23 SPF validation failed",
  "502 5.7.0 Please authenticate first",
  "503 This mail server requires authentication when attempting to send to a non-local e-mail address.",
  "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
];
for (const reply of OF_US) test(`"${reply}" speaks of us`, () => assert.equal(speaksOf(reply), "us"));

const OF_RECIPIENT = [
  "550 5.1.1 <kim@example.com>: Recipient address rejected: User unknown in local recipient table",
  "550 5.1.1 <kim@example.com>... User unknown",
  "550 Unrouteable address",
  "550 no such user",
  "550 Invalid recipient: <kim@example.com>",
  "450 4.1.2 <kim@example.test>: Recipient address rejected: Domain not found",
  "450 4.2.0 <kim@example.com>: Recipient address rejected: Greylisted, see http://postgrey.example",
  "451 4.7.1 Greylisting in action, please come back later",
  "452 4.2.2 The mailbox is full; insufficient storage",
  "552 5.2.2 over quota",
  "550 Requested action not taken: mailbox unavailable",
  "554 5.7.1 <kim@example.com>: Recipient address rejected: Access denied",
];
for (const reply of OF_RECIPIENT)
  test(`"${reply}" speaks of the recipient`, () => assert.equal(speaksOf(reply), "recipient"));

const OF_NOBODY = [
  "550 5.7.1 message refused",
  "554 5.7.1 spam",
  "554 transaction failed",
  "451 4.3.0 try later",
  "550 no",
  "",
];
for (const reply of OF_NOBODY)
  test(`"${reply}" does not say of whom it speaks`, () => assert.equal(speaksOf(reply), undefined));

const LIMITS = [
  "452 4.5.3 Error: too many recipients",
  "452 too many recipients",
  "552 too many recipients",
  "452 4.5.3 Too many recipients",
  "550 5.5.3 Too many recipients",
  "452-4.5.3 Your message has too many recipients.",
  "452 Too many recipients received, limit of 50 recipients",
];
for (const reply of LIMITS)
  test(`"${reply}" wants another transaction`, () => assert.equal(limitsRecipients(reply), true));

const NO_LIMITS = [
  "450 4.7.1 Error: too many recipients from 192.0.2.1",
  "452 Too many recipients received this hour",
  "452 4.2.2 mailbox full",
  "552 exceeds",
];
for (const reply of NO_LIMITS)
  test(`"${reply}" limits no transaction`, () => assert.equal(limitsRecipients(reply), false));

/** The codes that the IANA registry of enhanced codes has for it, without their first digit. */
const CODES = {
  recipient: [
    "1.1",
    "1.2",
    "1.3",
    "1.4",
    "1.5",
    "1.6",
    "1.10",
    "2.0",
    "2.1",
    "2.2",
    "2.3",
    "2.4",
    "4.4",
    "7.17",
    "7.18",
  ],
  us: [
    ...["1.7", "1.8", "3.1", "3.2", "4.5", "7.3", "7.4", "7.8", "7.9", "7.10", "7.11", "7.12", "7.14"],
    ...["7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27"],
  ],
} as const;

test("a clear enhanced code decides, whatever words stand beside it, and whether it is for good or not", () => {
  for (const [subject, codes] of Object.entries(CODES))
    for (const code of codes)
      for (const words of ["no", "relay access denied", "no such user", "SPF, see user unknown"])
        for (const start of ["550 5", "450 4", "550-5"]) {
          const reply = `${start}.${code} ${words}`;
          assert.equal(speaksOf(reply), subject, reply);
        }
  for (const code of [
    "0.0",
    "1.0",
    "1.9",
    "12.1",
    "3.0",
    "3.4",
    "4.0",
    "4.1",
    "5.0",
    "5.1",
    "6.0",
    "7.0",
    "7.1",
    "7.5",
    "7.16",
    "7.19",
  ])
    assert.equal(speaksOf(`550 5.${code} no`), undefined, code);
});

test("what looks like an enhanced code decides nothing where it stands elsewhere, or goes on", () => {
  for (const reply of [
    "554 denied, as in 550 5.1.1",
    "554 5.1.1.7 no",
    "554 5.1.1234 no",
    "554 3.1.1 no",
    "550 no 5.1.1",
  ])
    assert.equal(speaksOf(reply), undefined, reply);
});

/** One reply for each way to say it, as servers do without a code. */
const WORDS = {
  us: [
    ...[
      "HELO is bad",
      "helo needs a name",
      "EHLO denied",
      "ehlo: not a name",
      "invalid helo",
      "rejected your EHLO",
      "bad ehlo",
    ],
    ...[
      "relay denied",
      "relaying not allowed",
      "relaying not permitted",
      "relay prohibited",
      "relay forbidden",
      "relay rejected",
    ],
    ...["unable to relay", "we do not relay", "we don't relay", "you are not permitted to relay"],
    ...[
      "client host refused",
      "client address refused",
      "client ip refused",
      "your host is unknown",
      "your hostname is odd",
    ],
    ...["your IP is odd", "your server is odd", "your mail server is odd", "your domain is odd", "your network is odd"],
    ...["your account is odd", "your message rate is odd", "sender's IP is odd", "sender ip is odd"],
    ...["no reverse DNS", "no reverse hostname", "reverse lookup failed", "no PTR", "no rDNS"],
    ...["on our blocklist", "on a block list", "on our black-list", "blacklist", "deny list", "denylist"],
    ...["blocked using x", "blocked by x", "blocked due to x", "RBL x", "dnsrbl x", "DNSBL x"],
    ...[
      "see spamhaus",
      "see spamcop",
      "see barracuda",
      "see SORBS",
      "listed at x",
      "listed in x",
      "listed on x",
      "listed by x",
    ],
    ...["bad reputation", "poor reputation"],
    ...[
      "sending limit",
      "daily quota",
      "hourly limit",
      "outbound quota",
      "message limit",
      "messages limit",
      "mail quota",
    ],
    ...["too many messages", "too many mails", "too many emails", "rate limit", "rate-limited"],
    ...["limit exceeded for user", "limit exceeded for account", "limit exceeded for sender"],
    ...[
      "sender rejected",
      "sender address refused",
      "sender verify",
      "sender denied",
      "not owned by x",
      "not allowed to send",
    ],
    ...["not authorized to send", "not authorised to send", "not permitted to send", "send as x", "sending as x"],
    ...["requires authentication", "not in my list of allowed rcpthosts"],
    ...["authentication required", "authentication is required", "must authenticate", "must be authenticated"],
    ...[
      "log in first",
      "login first",
      "auth first",
      "authentication first",
      "authenticate first",
      "SPF",
      "DKIM",
      "DMARC",
    ],
    ...[
      "insufficient system x",
      "insufficient disk x",
      "insufficient queue x",
      "disk full",
      "disk is full",
      "no space left",
    ],
    ...["not accepting messages", "not accepting mail", "not accepting network messages"],
  ],
  recipient: [
    ...["no such user", "no such mailbox", "no such recipient", "no such address", "no such person", "no such account"],
    ...["unknown user", "unknown recipient", "unknown mailbox", "unknown address", "unknown account", "unknown local"],
    ...["user unknown", "recipient unknown", "mailbox is unknown", "address unknown"],
    ...[
      "user kim not found",
      "mailbox does not exist",
      "recipient doesn't exist",
      "address unavailable",
      "account disabled",
    ],
    ...["user inactive", "mailbox suspended", "mailbox full", "account closed", "user no longer here"],
    ...["invalid recipient", "bad mailbox", "nonexistent address", "non-existent user", "recipient rejected"],
    ...["recipient address refused", "recipient denied", "over quota", "overquota", "quota exceeded"],
    ...["unrouteable address", "not a local x", "not local", "no mailbox", "not our customer"],
    ...["greylisted", "Gray-listed", "graylist"],
  ],
} as const;

test("without a code the words decide, as whole words", () => {
  for (const [subject, all] of Object.entries(WORDS))
    for (const words of all) {
      assert.equal(speaksOf(`550 ${words}`), subject, words);
      assert.equal(speaksOf(`550 <a> ${words.toUpperCase()}, sorry`), subject, words);
    }
  for (const words of [
    "helot",
    "relayed",
    "ptrs",
    "verbl",
    "spfx",
    "usernames",
    "undkim",
    "norbl",
    "sender",
    "unknown",
    "full",
    "closed",
  ])
    assert.equal(speaksOf(`550 ${words}`), undefined, words);
});

test("a limit of recipients is one of the transaction, by its code or by its words, unless it is one for a time", () => {
  const limit = (reply: string) => limitsRecipients(reply);
  for (const reply of [
    "452 4.5.3 no",
    "550 5.5.3 no",
    "552 5.5.1 too many rcpts",
    "452 4.3.4 too many recipients",
    "452 recipient limit",
    "452 recipients limit",
    "452 maximum number of recipients",
    "452 maximum recipients",
    "452 max rcpts",
    "452 limit of 50 recipients",
    "452 limited to 5 recipients",
    "452 too many recipients from you",
  ])
    assert.equal(limit(reply), true, reply);
  for (const reply of [
    "450 4.7.1 too many recipients",
    "450 4.2.1 too many recipients",
    "450 4.35.1 limit",
    "452 too many recipients from 192.0.2.1",
    ...["hour", "minute", "second", "day", "rate"].map((span) => `452 too many recipients a ${span}`),
    "452 daily recipients limit",
    "452 limit of recipients",
    "452 recipients",
  ])
    assert.equal(limit(reply), false, reply);
});
