/** What is declared for others is used by them: a call or a field that somebody forgot is a test that fails. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Uses } from "#test/support/uses.js";

const uses = new Uses();
after(() => uses[Symbol.dispose]());

const isPort = (file: string): boolean => file.startsWith("runtime/ports/");
const isConfig = (file: string): boolean => file === "config.ts" || file.startsWith("config/");
const makes = (file: string): boolean => file === "app.ts" || file.startsWith("app/") || file.startsWith("commands/");
const namesOf = (members: readonly { readonly name: string }[]) => new Set(members.map(({ name }) => name));

test("each method of a port is called somewhere, also each that counts", () => {
  const methods = uses.members(isPort).filter(({ isMethod }) => isMethod);
  assert.ok(methods.some(({ path }) => path === "Metrics.windowMailed"));
  const { read } = uses.reads((file) => !isPort(file), namesOf(methods));
  assert.deepEqual(
    methods.filter(({ place }) => !read.has(place)).map(({ path }) => path),
    [],
  );
});

test("each field of the configuration is read where things are made, or handed on to somebody who reads a field of its name", () => {
  const fields = uses.members((file) => file === "config/shape.ts", "Config");
  assert.ok(fields.some(({ path }) => path === "Config.mail.templates.subject"));
  const names = namesOf(fields);
  const { read, handedOn } = uses.reads(makes, names);
  const elsewhere = uses.reads((file) => !isConfig(file), names);
  const isRead = ({ place, within, name }: (typeof fields)[number]): boolean =>
    read.has(place) || (within !== undefined && handedOn.has(within) && elsewhere.names.has(name));
  assert.deepEqual(
    fields.filter((field) => !isRead(field)).map(({ path }) => path),
    [],
  );
});
