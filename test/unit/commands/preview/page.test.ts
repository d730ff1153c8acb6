import assert from "node:assert/strict";
import { test } from "node:test";
import { inScheme, previewPage } from "#src/commands/preview/page.js";

test("what a mail has for dark readers counts in the dark frames and nowhere else", () => {
  const html = "@media (prefers-color-scheme: dark) and (min-width:9px){} @media (Prefers-Color-Scheme:LIGHT){}";
  assert.equal(inScheme(html, true), "@media (min-width:0) and (min-width:9px){} @media (max-width:0){}");
  assert.equal(inScheme(html, false), "@media (max-width:0) and (min-width:9px){} @media (min-width:0){}");
});

test("nothing of a mail leaves its place on the page", () => {
  const evil = `"'></iframe></pre></title><script>alert(1)</script>`;
  const page = previewPage({
    subject: evil,
    from: evil,
    text: evil,
    html: evil,
    bytes: 1,
    told: [evil],
    failures: [evil],
  });
  assert.equal(page.match(/<script>/g)?.length, 1);
  assert.equal(page.match(/<\/iframe>/g)?.length, 4);
  assert.equal(page.match(/<\/pre>/g)?.length, 2);
});
