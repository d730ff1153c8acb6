import assert from "node:assert/strict";
import { test } from "node:test";
import { createRecipientView } from "#src/runtime/recipient-view.js";

const [full, masked, none] = [createRecipientView("full"), createRecipientView("masked"), createRecipientView("none")];

test("a masked address keeps its first letter and its domain; of a name of two letters nothing is left", () => {
  const addresses = ["kim@example.com", "jo@example.com", "김철수@example.com", "a.b+c@[192.0.2.1]", "no-address"];
  const shown = ["k***@example.com", "***@example.com", "김***@example.com", "a***@[192.0.2.1]", "***"];
  assert.deepEqual(masked.list(addresses), shown);
  assert.deepEqual(
    addresses.map((address) => masked.one(address)),
    shown,
  );
});

test("what a server says of an address, its own or another, is masked in the reply too", () => {
  const reply = '550 5.1.1 <Kim@Example.com>: unknown; forwarded to kim.r@intern.example, "k r"@x.example.';
  assert.equal(
    masked.text(reply),
    '550 5.1.1 <K***@Example.com>: unknown; forwarded to k***@intern.example, "***@x.example.',
  );
  assert.equal(none.text("550 <kim@example.com> unknown"), "550 <[recipient]> unknown");
  assert.equal(masked.text("250 OK"), "250 OK");
});

test("the mail's own Message-ID in a reply stays", () => {
  const reply = "250 <1a2b@example.com> queued for kim@example.com";
  assert.equal(masked.text(reply, "<1a2b@example.com>"), "250 <1a2b@example.com> queued for k***@example.com");
});

test("full shows everything, none shows no address", () => {
  assert.deepEqual(full.list(["kim@example.com"]), ["kim@example.com"]);
  assert.equal(full.text("550 <kim@example.com>"), "550 <kim@example.com>");
  assert.deepEqual([none.list(["kim@example.com"]), none.one("kim@example.com")], [undefined, undefined]);
});
