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
