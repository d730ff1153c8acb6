import assert from "node:assert/strict";
import { test } from "node:test";
import type { Document, HttpReply, Judged } from "#src/formats/registry/answers.js";
import { DIALECTS } from "#src/formats/registry/dialects.js";
import type { RegistryApi } from "#src/formats/registry/framing.js";

const judge = (api: RegistryApi, status: number, body: unknown, contentType = "application/json"): Judged<unknown> => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return DIALECTS[api].judgeContent({ status, contentType, body: text } satisfies HttpReply);
};

/** `found`, `missing`, or what kept the registry from answering. */
const verdict = (judged: Judged<unknown>): string => (judged.kind === "away" ? judged.outcome : judged.kind);

test("only the registry's own word that an ID does not exist says so; everything else says that it cannot answer now", () => {
  const gone = { error_code: 40403, message: "Schema 7 not found" };
  assert.equal(verdict(judge("confluent", 404, gone)), "missing");
  for (const [status, body, expected] of [
    [404, { error_code: 404, message: "HTTP 404 Not Found" }, "failed"],
    [404, { error_code: 40401, message: "Subject not found" }, "failed"],
    [404, "<html>no such page</html>", "failed"],
    [404, "", "failed"],
    [500, gone, "failed"],
    [500, { error_code: 50001 }, "failed"],
    [503, "", "failed"],
    [401, { error_code: 401 }, "refused"],
    [403, { error_code: 40301 }, "refused"],
    [429, "slow down", "throttled"],
    [302, "", "failed"],
    [200, "<html>please log in</html>", "failed"],
    [200, "{}", "failed"],
    [200, { schema: 7 }, "failed"],
    [200, { schema: "{}", schemaType: 7 }, "failed"],
    [200, { schema: "<x/>", schemaType: "XSD" }, "found"],
    [200, { schema: "{}", references: [{ name: "x" }] }, "failed"],
    [200, "", "failed"],
  ] as const) {
    assert.equal(verdict(judge("confluent", status, body)), expected, `${status} ${JSON.stringify(body)}`);
  }
});

test("an answer without a type is Avro, and references come with it", () => {
  const references = [{ name: "com.example.Place", subject: "places/value", version: 3 }];
  const judged = judge("confluent", 200, { schema: '"string"', references });
  assert.deepEqual(judged, {
    kind: "found",
    value: {
      type: "AVRO",
      text: '"string"',
      references: [{ name: "com.example.Place", group: "", subject: "places/value", version: "3" }],
    },
  });
  const [reference] = judged.kind === "found" ? (judged.value as Document).references : [];
  assert.ok(reference);
  assert.deepEqual(DIALECTS.confluent.locateReference(reference), {
    content: "/subjects/places%2Fvalue/versions/3?deleted=true",
  });
});

test("IDs and GUIDs have paths of their own", () => {
  assert.deepEqual(DIALECTS.confluent.locate("id:7"), { content: "/schemas/ids/7" });
  assert.deepEqual(DIALECTS.confluent.locate("guid:a-b"), { content: "/schemas/guids/a-b" });
  assert.deepEqual(DIALECTS.apicurio.locate("content:7"), {
    content: "/ids/contentIds/7",
    references: "/ids/contentIds/7/references",
  });
  assert.equal(DIALECTS.apicurio.locate("global:9").content, "/ids/globalIds/9");
});

test("Apicurio's own API: the answer does not say what it is, its content does", () => {
  const type = (body: unknown, contentType?: string): unknown => {
    const judged = judge("apicurio", 200, body, contentType);
    return judged.kind === "found" ? (judged.value as { type: string }).type : verdict(judged);
  };
  assert.equal(type({ type: "record", name: "A", fields: [] }), "AVRO");
  assert.equal(type(["null", "string"]), "AVRO");
  assert.equal(type({ type: "object", properties: {} }), "JSON");
  assert.equal(type({ $schema: "http://json-schema.org/draft-07/schema#", type: "string" }), "JSON");
  assert.equal(type('syntax = "proto3"; message A {}', "application/x-protobuf"), "PROTOBUF");
  assert.equal(type("<html>", "text/html"), "failed");
  assert.equal(verdict(judge("apicurio", 404, { name: "ContentNotFoundException" })), "missing");
  assert.equal(verdict(judge("apicurio", 404, { name: "VersionNotFoundException" })), "missing");
  assert.equal(verdict(judge("apicurio", 404, { error_code: 40403 })), "failed");
  assert.equal(verdict(judge("apicurio", 503, "")), "failed");
});

test("Apicurio's references are asked for apart; a group that is not named is the default one", () => {
  const body = JSON.stringify([{ artifactId: "common", version: "1", name: "x.Sev" }]);
  const judged = DIALECTS.apicurio.judgeReferences({ status: 200, contentType: "application/json", body });
  const reference = { name: "x.Sev", group: "default", subject: "common", version: "1" };
  assert.deepEqual(judged, { kind: "found", value: [reference] });
  assert.deepEqual(DIALECTS.apicurio.locateReference(reference), {
    content: "/groups/default/artifacts/common/versions/1/content",
    references: "/groups/default/artifacts/common/versions/1/references",
  });
  const broken = DIALECTS.apicurio.judgeReferences({ status: 200, contentType: "application/json", body: "{}" });
  assert.equal(verdict(broken), "failed");
});

test("what the registry said is told without its line ends, and shortened", () => {
  const judged = judge("confluent", 500, `one\r\ntwo ${"x".repeat(500)}`, "text/plain");
  assert.ok(judged.kind === "away");
  assert.match(judged.why, /^it answers 500: one two x+$/);
  assert.ok(judged.why.length < 200);
  const html = judge("confluent", 503, "<html>", "text/html; charset=utf-8");
  assert.ok(html.kind === "away");
  assert.equal(html.why, "it answers 503: an HTML page");
});
