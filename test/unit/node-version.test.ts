import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { nodeTooOld } from "#src/node-version.js";

test("a Node that is too old is named, with the one that is needed", () => {
  assert.equal(nodeTooOld("18.20.8", ">=20.19"), "this is Node 18.20.8, and 20.19 or newer is needed");
  for (const old of ["20.9.0", "20.18.3", "8.0.0"]) assert.notEqual(nodeTooOld(old, ">=20.19"), undefined, old);
  for (const right of ["20.19.0", "20.20.2", "21.0.0", "24.1.0", "100.0.0", "25.0.0-nightly"])
    assert.equal(nodeTooOld(right, ">=20.19"), undefined, right);
});

test("package.json names the oldest Node in the form that is read", () => {
  const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  assert.match(engines.node, /^>=\d+\.\d+$/);
  assert.equal(nodeTooOld(process.versions.node, engines.node), undefined);
});
