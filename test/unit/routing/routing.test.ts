import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Route } from "#src/routing/route.js";
import { createRouting } from "#src/routing/routing.js";
import type { Addressing, Digest, Hiding, MailLook, Recipient, RecipientSource } from "#src/runtime/ports.js";
import { everybody } from "#test/support/addressing.js";
import { digestOf, routesOf } from "./digests.js";

const KO: MailLook = { locale: "ko", timezone: "Asia/Seoul", from: { name: "Alerts", address: "alerts@x.test" } };
const never = (): Digest => assert.fail("nothing depends on the digest");

interface Options {
  readonly to?: readonly string[];
  readonly source?: RecipientSource;
  readonly device?: string;
  readonly hiding?: Hiding;
}

type Found = readonly Addressing[] | Promise<readonly Addressing[]>;

const routed = (routes: readonly Route[], { to = [], source, device = "x", hiding }: Options = {}): Found =>
  createRouting({ routes: () => routes, everybody: to, defaults: KO, hiding, source }).route(() => digestOf(device));

/** All see each other, and nobody says why. */
const route = (routes: readonly Route[], options: Options = {}): Found => {
  const found = routed(routes, { hiding: "never", ...options });
  const plain = (some: readonly Addressing[]) => some.map(({ look, to, cc, bcc }) => ({ look, to, cc, bcc }));
  return found instanceof Promise ? found.then(plain) : plain(found as readonly Addressing[]);
};

const knows = (...recipients: Recipient[]): RecipientSource => ({ recipientsOf: async () => recipients });

test("without routes and without a source everything goes to MAIL_TO, and no digest is composed for that", () => {
  const router = createRouting({ routes: () => [], everybody: ["a@x.test", "b@x.test"], defaults: KO });
  const because = [{ kind: "everybody" }];
  assert.deepEqual(router.route(never), [{ ...everybody("a@x.test", "b@x.test"), because }]);
  assert.deepEqual(createRouting({ routes: () => [], everybody: [], defaults: KO }).route(never), []);
});

test("MAIL_TO is for what no route matches", () => {
  const routes = routesOf("  - { match: { device: a }, to: route@x.test }");
  const to = ["everybody@x.test"];
  assert.deepEqual(route(routes, { to, device: "a" }), [everybody("route@x.test")]);
  assert.deepEqual(route(routes, { to, device: "b" }), [everybody("everybody@x.test")]);
  assert.deepEqual(route(routes, { device: "b" }), []);
});

test("those who want the same look get one message, and an address only the first it is in", () => {
  const routes = routesOf(`
  - { to: a@x.test, cc: [b@x.test, a@x.test], bcc: b@x.test, continue: true }
  - { to: [b@x.test, c@x.test], locale: en, continue: true }
  - { to: d@x.test, timezone: Asia/Seoul, from: Alerts <alerts@x.test>, locale: ko, continue: true }
  - { bcc: e@x.test, locale: en, timezone: Asia/Seoul }`);
  assert.deepEqual(route(routes), [
    { look: {}, to: ["a@x.test", "d@x.test"], cc: ["b@x.test"], bcc: [] },
    { look: { locale: "en" }, to: ["c@x.test"], cc: [], bcc: ["e@x.test"] },
  ]);
});

test("another name of the sender is another look", () => {
  const [message] = route(
    routesOf("  - { to: a@x.test, from: Others <alerts@x.test>, replyTo: r@x.test }"),
  ) as Addressing[];
  const look = {
    from: { name: "Others", address: "alerts@x.test" },
    replyTo: { name: undefined, address: "r@x.test" },
  };
  assert.deepEqual(message?.look, look);
});

test("recipients of a source come on top of those of the routes", async () => {
  const source = knows(
    { address: "copy@x.test", kind: "cc" },
    { address: "route@x.test", kind: "bcc" },
    { address: "copy@x.test", kind: "to", locale: "ko" },
    { address: "abroad@x.test", kind: "to", locale: "en", timezone: "UTC" },
  );
  const routes = routesOf("  - { match: { device: a }, to: route@x.test }");
  const to = ["everybody@x.test"];
  assert.deepEqual(await route(routes, { to, source, device: "a" }), [
    everybody("route@x.test", "copy@x.test"),
    { look: { locale: "en", timezone: "UTC" }, to: ["abroad@x.test"], cc: [], bcc: [] },
  ]);
  assert.deepEqual((await route(routes, { to, source, device: "b" }))[0], {
    look: {},
    to: ["copy@x.test"],
    cc: [],
    bcc: ["route@x.test"],
  });
});

const SEVERAL = routesOf(`
  - { match: { device: one }, name: heating, to: [a@x.test, b@x.test], cc: c@x.test, continue: true }
  - { match: { device: two }, to: a@x.test, continue: true }
  - { match: { device: "t*" }, to: d@x.test, continue: true }
  - { match: { device: "en*" }, to: [a@x.test, b@x.test], locale: en, continue: true }`);

const seen = async (options: Options) =>
  (await routed(SEVERAL, { to: ["m@x.test", "n@x.test"], ...options })).map(({ to, cc, bcc }) => [to, cc, bcc]);

test("those of one route see each other, and those of MAIL_TO; those of several routes or of a database do not", async () => {
  const source = knows({ address: "d@x.test", kind: "to" }, { address: "e@x.test", kind: "cc" });
  assert.deepEqual(await seen({ device: "one" }), [[["a@x.test", "b@x.test"], ["c@x.test"], []]]);
  assert.deepEqual(await seen({ device: "other" }), [[["m@x.test", "n@x.test"], [], []]]);
  assert.deepEqual(await seen({ device: "two" }), [[[], [], ["a@x.test", "d@x.test"]]]);
  assert.deepEqual(await seen({ device: "other", source }), [[[], [], ["d@x.test", "e@x.test"]]]);
  assert.deepEqual(await seen({ device: "one", source }), [
    [[], [], ["a@x.test", "b@x.test", "d@x.test", "c@x.test", "e@x.test"]],
  ]);
});

test("one alone is named as ever, and each message is looked at by itself", async () => {
  const english = knows({ address: "e@x.test", kind: "to", locale: "en" });
  assert.deepEqual(await seen({ device: "one", source: english }), [
    [["a@x.test", "b@x.test"], ["c@x.test"], []],
    [["e@x.test"], [], []],
  ]);
});

test("whoever asks for it sees all, or nobody", async () => {
  const source = knows({ address: "e@x.test", kind: "cc" });
  assert.deepEqual(await seen({ device: "two", source, hiding: "never" }), [
    [["a@x.test", "d@x.test"], ["e@x.test"], []],
  ]);
  assert.deepEqual(await seen({ device: "other", hiding: "always" }), [[[], [], ["m@x.test", "n@x.test"]]]);
});

test("a message says why its readers get it, a route, the database or MAIL_TO; where they differ, none is told of another's", async () => {
  const why = async (options: Options) =>
    (await routed(SEVERAL, { to: ["m@x.test"], ...options })).map(({ because }) => because);
  assert.deepEqual(await why({ device: "one" }), [[{ kind: "route", number: 1, name: "heating" }]]);
  assert.deepEqual(await why({ device: "two", source: knows({ address: "e@x.test", kind: "to" }) }), [
    [{ kind: "several" }],
  ]);
  assert.deepEqual(await why({ device: "other" }), [[{ kind: "everybody" }]]);
});

test("MAIL_TO is for what neither a route nor the source knows anybody for", async () => {
  const routes = routesOf("  - { match: { device: a }, to: route@x.test }");
  const to = ["everybody@x.test"];
  assert.deepEqual(await route(routes, { to, source: knows(), device: "b" }), [everybody("everybody@x.test")]);
  assert.deepEqual(await route(routes, { to, source: knows(), device: "a" }), [everybody("route@x.test")]);
  assert.deepEqual(await route([], { source: knows() }), []);
});

const address = fc.constantFrom("a@x.test", "b@x.test", "c@x.test", "d@x.test");
const kind = fc.constantFrom("to" as const, "cc" as const, "bcc" as const);
const look = fc.record(
  { locale: fc.constantFrom("ko", "en"), timezone: fc.constantFrom("UTC", "Asia/Seoul") },
  { requiredKeys: [] },
);
const anyRoute = fc.record({
  match: fc.constantFrom(
    ...["a", "b", "*"].map(
      (device) => routesOf(`  - { to: a@x.test, match: { device: "${device}" } }`)[0]?.match ?? {},
    ),
  ),
  recipients: fc.array(fc.record({ address, kind }), { minLength: 1, maxLength: 4 }),
  look,
  continue: fc.boolean(),
});
const RERUN = "node --test dist-test/unit/routing/routing.test.js";

test("nobody is in two messages or twice in one; everybody of the routes up to the first that does not continue is told", async () => {
  const property = fc.asyncProperty(
    fc.array(anyRoute, { maxLength: 5 }),
    fc.constantFrom("a", "b", "c"),
    fc.option(fc.array(fc.tuple(address, kind, look), { maxLength: 3 }), { nil: undefined }),
    async (some, device, known) => {
      const routes = some.map(
        (one, index): Route => ({
          ...{ number: index + 1, name: undefined, line: 1, mute: undefined },
          ...one,
        }),
      );
      const source = known && knows(...known.map(([one, as, wants]) => ({ address: one, kind: as, ...wants })));
      const messages = await route(routes, { device, to: ["mail-to@x.test"], ...(source && { source }) });
      const told = messages.flatMap(({ to, cc, bcc }) => [...to, ...cc, ...bcc]);
      assert.deepEqual(told, [...new Set(told)]);
      const looks = messages.map((message) => JSON.stringify({ ...KO, ...message.look }));
      assert.deepEqual(looks, [...new Set(looks)], "two messages that look the same");
      // The slow way to say it.
      const fitting = routes.filter(({ match }) => match.device?.[0]?.matches(device) ?? true);
      const end = fitting.findIndex((one) => !one.continue);
      const taken = end < 0 ? fitting : fitting.slice(0, end + 1);
      const expected = [
        ...taken.flatMap(({ recipients }) => recipients),
        ...(known ?? []).map(([one]) => ({ address: one })),
      ];
      const addresses = new Set(expected.map((one) => one.address));
      assert.deepEqual(new Set(told), addresses.size > 0 ? addresses : new Set(["mail-to@x.test"]));
      for (const one of taken[0]?.recipients.slice(0, 1) ?? []) {
        const message = messages.find((each) => each[one.kind].includes(one.address));
        assert.deepEqual({ ...KO, ...message?.look }, { ...KO, ...taken[0]?.look }, "the first route's word counts");
      }
    },
  );
  await checkAsync(property);
});

/** As `checkProperty`, which is synchronous. */
const checkAsync = async (property: fc.IAsyncProperty<unknown> | fc.IProperty<unknown>): Promise<void> => {
  const { SEED } = process.env;
  const result = await fc.check(property as fc.IAsyncProperty<unknown>, {
    numRuns: 500,
    ...(SEED && { seed: Number(SEED) }),
  });
  if (result.failed)
    throw new Error(
      `${result.errorInstance}\n${await fc.asyncDefaultReportMessage(result)}\nRerun: SEED=${result.seed} ${RERUN}`,
    );
};
