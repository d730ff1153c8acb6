import assert from "node:assert/strict";
import { test } from "node:test";
import { heloName } from "#src/mail/helo-name.js";

test("a host name with a dot is said as it is", () => {
  assert.equal(heloName("alerts-1.example.com", "10.1.2.3"), "alerts-1.example.com");
});

test("a name without a dot, with an underscore or of digits alone is none: the connection's own address is said as a literal", () => {
  for (const name of ["5f2c1a7b9d0e", "", "my_host.example.com", "-a.example.com", "a..b", "10.1.2.3"]) {
    assert.equal(heloName(name, "10.1.2.3"), "[10.1.2.3]", name);
  }
});

test("IPv6 addresses are written as RFC 5321 has them, without their zone; mapped ones are IPv4", () => {
  assert.equal(heloName("box", "2001:db8::5"), "[IPv6:2001:db8::5]");
  assert.equal(heloName("box", "fe80::1%eth0"), "[IPv6:fe80::1]");
  assert.equal(heloName("box", "::ffff:10.1.2.3"), "[10.1.2.3]");
  assert.equal(heloName("box", undefined), "[127.0.0.1]");
});
