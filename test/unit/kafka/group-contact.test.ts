import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupContact } from "#src/kafka/group-contact.js";
import type { Logger } from "#src/runtime/log.js";
import { VirtualClock } from "#test/support/virtual-clock.js";

const SESSION_MS = 15_000;

const setup = () => {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const write =
    (level: string) =>
    (_: object, message: string): void =>
      void lines.push(`${level} ${message}`);
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") } as Logger;
  return { clock, lines, contact: new GroupContact(clock, SESSION_MS, log) };
};

test("who was never a member is not out of the group", () => {
  const { contact, lines } = setup();
  contact.look();
  assert.equal(contact.lost, undefined);
  assert.equal(contact.lastAt, undefined);
  assert.deepEqual(lines, []);
});

test("out once a session has gone by since the last acknowledged request was sent; back with the next", async () => {
  const { clock, contact, lines } = setup();
  contact.confirmed(clock.now());
  const sentAt = clock.now();
  await clock.advance(SESSION_MS - 1);
  contact.look();
  assert.equal(contact.lost, undefined);
  await clock.advance(1);
  assert.match(
    contact.lost ?? "",
    /^out of the consumer group: for 15 s it has acknowledged no heartbeat of this instance/,
  );
  assert.equal(contact.lastAt, sentAt);
  contact.look();
  contact.look();
  await clock.advance(1_000);
  contact.confirmed(clock.now());
  assert.equal(contact.lost, undefined);
  contact.look();
  assert.deepEqual(lines, ["warn out of the consumer group", "info the consumer group acknowledges heartbeats again"]);
});

test("an answer counts from when its request was sent: what a process that stood still finds in its socket does not bring it back", async () => {
  const { clock, contact } = setup();
  const sentAt = clock.now();
  await clock.advance(SESSION_MS + 5_000);
  contact.confirmed(sentAt);
  assert.match(contact.lost ?? "", /for 20 s/);
});
