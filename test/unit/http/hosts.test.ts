import assert from "node:assert/strict";
import { test } from "node:test";
import { createHostCheck } from "#src/http/hosts.js";

const isOurs = createHostCheck(["node-7", "Alerts.Example.com"]);

test("addresses, localhost and the names that were given are ours, with or without a port and in any case", () => {
  for (const host of [
    "127.0.0.1",
    "192.0.2.7:9464",
    "[::1]:9464",
    "[2001:db8::7]",
    "localhost",
    "LOCALHOST:8080",
    "node-7:9464",
    "alerts.example.com",
    "alerts.example.com.:443",
    undefined,
  ])
    assert.equal(isOurs(host), true, host);
});

test("any other name is not, whatever it looks like", () => {
  for (const host of [
    "rebound.example.net",
    "localhost.example.net",
    "127.0.0.1.example.net:9464",
    "evil-alerts.example.com",
    "alerts.example.com@evil.example.net",
    "alerts.example.com:9464:1",
    "[localhost]x",
    "",
    ":9464",
  ])
    assert.equal(isOurs(host), false, host);
});
