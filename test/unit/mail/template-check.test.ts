/** What is tried before the first mail, and the templates that come with the product. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { composeDocument } from "#src/mail/compose-document.js";
import { createLocalTime, createNumbers } from "#src/mail/language.js";
import { checkTemplates } from "#src/mail/template-check.js";
import type { TemplateFiles } from "#src/mail/template-part.js";
import { templateSamples } from "#src/mail/template-samples.js";
import { textsOf } from "#src/mail/texts/index.js";

const NONE: TemplateFiles = { subject: undefined, text: undefined, html: undefined };
const check = (files: Partial<TemplateFiles>, locale: "ko" | "en" = "en") =>
  checkTemplates({
    templates: { ...NONE, ...files },
    locale,
    timezone: "Asia/Seoul",
    maxBytes: 1_000_000,
    timeoutMs: 10_000,
  });

const text = (source: string) => ({ path: "/etc/mail.eta", text: source });

test("no template has no mistakes", () => {
  assert.deepEqual(check({}), []);
});

test("every template with a mistake is named at once, with its line", () => {
  const found = check({ subject: text("<%= it"), text: text("a\n<%= it.nope %>"), html: text("fine") });
  assert.deepEqual(
    found.map(({ part, path, line }) => [part, path, line]),
    [
      ["subject", "/etc/mail.eta", 1],
      ["text", "/etc/mail.eta", 2],
    ],
  );
});

for (const [name, source] of [
  ["a mail with nothing optional in it", "<%= it.alerts[0]?.labels.site.trim() %>"],
  ["a folded mail", "<%= it.folded === null ? 'x' : it.folded.sum.total %>"],
  ["a mail of merged windows", "<% if (it.window.count > 1) throw 1 %>x"],
  ["a mail of resolved alerts", "<% if (!it.summary.firing) throw 1 %>x"],
  ["a fleet mail", "<% if (it.kind === 'fleet') throw 1 %>x"],
] as const) {
  test(`a template that fails only on ${name} is found before the first mail`, () => {
    const [failure] = check({ text: text(source) });
    assert.match(failure?.reason ?? "nothing was found", new RegExp(`\\(on ${name}\\)$`));
  });
}

for (const [name, source] of [
  ["a loop", "a\n<% for (;;) {} %>"],
  ["a loop with a condition", "a\n<% while (true) {} %>"],
  ["a text", "a\n<% for (;;) { %>x<% } %>"],
] as const) {
  test(`a template that has no end is found before the first mail, with its line: ${name}`, () => {
    const check = (timeoutMs: number): object => {
      const [failure] = checkTemplates({
        templates: { ...NONE, text: text(source) },
        locale: "en",
        timezone: "UTC",
        maxBytes: 1_000_000,
        timeoutMs,
      });
      // A busy machine may not have come to any line by then.
      if (failure?.line === 0 && timeoutMs < 2_000) return check(timeoutMs * 2);
      return [failure?.line, failure?.reason.replace(`${timeoutMs} ms`, "its time")];
    };
    assert.deepEqual(check(50), [2, "it did not end within its time (on a mail with everything in it)"]);
    // The next one is none the worse for it.
    assert.deepEqual(
      checkTemplates({ templates: { ...NONE, text: text("x") }, locale: "en", timezone: "UTC", maxBytes: 1e6 }),
      [],
    );
  });
}

test("docs/templates.md tells of every name that a template gets", () => {
  const page = readFileSync(new URL("../../../docs/templates.md", import.meta.url), "utf8");
  const told = new Set(page.match(/`[^`\n]+`/g)?.flatMap((code) => code.match(/\w+/g) ?? []));
  const texts = textsOf("en");
  const context = { texts, localTime: createLocalTime("UTC"), numbers: createNumbers("en") };
  const names = new Set<string>();
  const gather = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(gather);
    else if (typeof value === "object" && value !== null)
      for (const [name, inner] of Object.entries(value)) {
        names.add(name);
        if (name !== "labels" && name !== "texts") gather(inner);
      }
  };
  for (const { content } of templateSamples()) gather(composeDocument(content, () => "s", context));
  assert.ok(names.size > 40);
  assert.deepEqual(
    [...names].filter((name) => !told.has(name)),
    [],
  );
});

test("samples are one of each kind", () => {
  const names = templateSamples().map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

const SHIPPED = new URL("../../../templates/", import.meta.url);
const PARTS = {
  "short.txt.eta": "text",
  "short.html.eta": "html",
  "branded.html.eta": "html",
  "severity-subject.eta": "subject",
  "steady-subject.eta": "subject",
} as const;

test("the templates that come with the product have no mistakes, in any language", () => {
  assert.deepEqual(readdirSync(SHIPPED).sort(), Object.keys(PARTS).sort());
  for (const [file, part] of Object.entries(PARTS)) {
    const shipped = { path: file, text: readFileSync(new URL(file, SHIPPED), "utf8") };
    for (const locale of ["ko", "en"] as const)
      assert.deepEqual(check({ [part]: shipped }, locale), [], `${file} ${locale}`);
  }
});
