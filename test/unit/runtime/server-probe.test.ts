import assert from "node:assert/strict";
import { test } from "node:test";
import { MailServer } from "#src/runtime/mail-server.js";
import type { MailServerState, ProbeOutcome } from "#src/runtime/ports.js";
import { PROBE_AWAY_MAX_MS, PROBE_IDLE_MS, probeInMs, ServerProbe } from "#src/runtime/server-probe.js";
import { failure, outcomes } from "#test/support/delivery-bench.js";
import { settled, VirtualClock } from "#test/support/virtual-clock.js";

const REACHABLE: ProbeOutcome = { kind: "reachable", loginOffered: false };
const away = (reason: Parameters<typeof failure>[0]): ProbeOutcome => ({
  kind: "unreachable",
  failure: failure(reason),
});

test("the server is tried at once, then when it has not been for four minutes; an absent one at growing distances", () => {
  const never = { triedAt: undefined, failures: 0, loginRefused: false };
  assert.equal(probeInMs(never, 5), 0);
  const tried = (failures: number, loginRefused = false) =>
    probeInMs({ triedAt: 1_000, failures, loginRefused }, 1_000);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 50].map((failures) => tried(failures)),
    [PROBE_IDLE_MS, 5_000, 10_000, 20_000, 40_000, PROBE_AWAY_MAX_MS, PROBE_AWAY_MAX_MS],
  );
  assert.equal(tried(1, true), PROBE_IDLE_MS, "further logins may lock the account");
  assert.equal(probeInMs({ triedAt: 1_000, failures: 0, loginRefused: false }, 1_000 + PROBE_IDLE_MS + 1), 0);
});

/** A probe on a bench; `answers` in turn, the last one for ever. */
const setup = (answers: readonly (ProbeOutcome | undefined)[]) => {
  const clock = new VirtualClock(0);
  const server = new MailServer(clock);
  const probedAt: number[] = [];
  const probe = new ServerProbe({
    server,
    probe: async () => {
      const outcome = answers[Math.min(probedAt.length, answers.length - 1)];
      probedAt.push(clock.elapsed());
      if (outcome !== undefined) server.note(outcome);
      return outcome;
    },
    clock,
  });
  const run = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await settled();
  };
  return { clock, server, probe, probedAt, run };
};

test("a mail that went meanwhile puts the next probe off", async () => {
  const { server, probe, probedAt, run } = setup([REACHABLE]);
  probe.start();
  await run(100_000);
  assert.deepEqual(probedAt.length, 1);
  server.note(outcomes.accepted());
  await run(PROBE_IDLE_MS - 1_000);
  assert.equal(probedAt.length, 1);
  await run(2_000);
  assert.equal(probedAt.length, 2);
  probe.close();
  await run(PROBE_IDLE_MS * 2);
  assert.equal(probedAt.length, 2);
});

test("a moment that does not suit is waited out for a second", async () => {
  const { probe, probedAt, run } = setup([undefined, undefined, REACHABLE]);
  probe.start();
  await run(10_000);
  assert.equal(probedAt.length, 3);
  assert.ok((probedAt[2] ?? 0) - (probedAt[0] ?? 0) >= 2_000);
});

/** As it is now: the compiler would remember what it was. */
const known = (server: MailServer): MailServerState | undefined => server.state;

test("not tried, reachable since, unreachable since: by probes and by mails", async () => {
  const clock = new VirtualClock(1_000);
  const server = new MailServer(clock);
  assert.equal(known(server), undefined);
  server.note(REACHABLE);
  await clock.advance(5_000);
  server.note(outcomes.deferred());
  assert.deepEqual(
    [known(server)?.reachable, known(server)?.since, known(server)?.lastSuccessAt],
    [true, 1_000, 6_000],
  );
  await clock.advance(1_000);
  server.note(away("auth"));
  await clock.advance(1_000);
  server.note(away("auth"));
  assert.deepEqual(
    [known(server)?.reachable, known(server)?.since, known(server)?.lastSuccessAt, server.failures],
    [false, 7_000, 6_000, 2],
  );
  server.note(outcomes.accepted());
  assert.deepEqual([known(server)?.reachable, known(server)?.since, server.failures], [true, 8_000, 0]);
});

test("what says nothing of the server changes nothing: a lost connection at MAIL, one connection too many", () => {
  const server = new MailServer(new VirtualClock(0));
  const lost = { ...failure("connection-lost"), reply: "", code: undefined };
  server.note({ kind: "deferred", failure: lost, refused: [] });
  server.note({ kind: "refused", failure: { ...lost, reason: "recipient-refused" }, recipients: [] });
  const busy = { ...failure("service-unavailable"), phase: "greeting", code: 421 } as const;
  server.note({ kind: "unreachable", failure: busy }, true);
  assert.deepEqual([known(server), server.triedAt], [undefined, undefined]);
  server.note({ kind: "unreachable", failure: busy });
  assert.equal(known(server)?.reachable, false);
});
