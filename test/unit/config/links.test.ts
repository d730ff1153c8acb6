import assert from "node:assert/strict";
import { test } from "node:test";
import { mailLinks, publicUrl } from "#src/config/links.js";

const linksOf = (text: string) => {
  const result = mailLinks.parse(text);
  assert.ok(result.ok, result.ok ? "" : result.problem);
  return result.value;
};

test("a link has a name, an https URL, and fields behind its host; a label can be all of it", () => {
  assert.deepEqual(
    linksOf("Dashboard = https://grafana.example.com:3000/d/x?var-device={deviceId}&a=b#{type}; 런북={labels.runbook}"),
    [
      {
        name: "Dashboard",
        texts: ["https://grafana.example.com:3000/d/x?var-device=", "&a=b#", ""],
        fields: ["deviceId", "type"],
      },
      { name: "런북", texts: ["", ""], fields: ["labels.runbook"] },
    ],
  );
  assert.deepEqual(linksOf("a=https://x.test/{labels.app.kubernetes.io/name}")[0]?.fields, [
    "labels.app.kubernetes.io/name",
  ]);
});

test("a URL is written as a browser asks for it", () => {
  const texts = (url: string) => linksOf(`a=${url}`)[0]?.texts;
  assert.deepEqual(texts("HTTPS://Bücher.example/경로/../x/{type}"), ["https://xn--bcher-kva.example/x/", ""]);
  assert.deepEqual(texts('https://x.test/zq/"<>/{type}'), ["https://x.test/zq/%22%3C%3E/", ""]);
  assert.deepEqual(texts("https://x.test"), ["https://x.test/"]);
});

test("no field comes into a host whose A-label looks like the mark of one", () => {
  assert.deepEqual(linksOf("a=https://꼍엳.kr/d/{deviceId}")[0]?.texts, ["https://xn--zq0b774b.kr/d/", ""]);
  assert.deepEqual(linksOf("a=https://꼍엳.kr?zq{deviceId}")[0]?.texts, ["https://xn--zq0b774b.kr/?zq", ""]);
});

test("what could run something, hide where it leads or let a producer choose the host is refused, with the reason", () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["a=javascript:alert(1)", /link 1: "a" does not begin with https:\/\//],
    ["a=https://x.test/;b=data:text/html,x", /link 2: "b" does not begin with https/],
    ["a=http://x.test/", /does not begin with https/],
    ["a=\u0001https://x.test/", /control character/],
    ["a=https://x.test/\nBcc: x", /control character/],
    ["a=https://x.test/a b", /has no URL/],
    ["a=https:///{type}", /has no host/],
    ["a=https://\\{type}", /has no host/],
    ["a=https://x.test:99999/", /has no URL/],
    ["a=https://kim:geheim@x.test/", /has a login in it/],
    ["a=https://{labels.host}/x", /host of "a" is not fixed/],
    ["a=https://x.test{type}/x", /host of "a" is not fixed/],
    ["a={deviceId}", /does not begin with https/],
    ["a={labels.x}/y", /does not begin with https/],
    ["a=https://x.test/{type}/../x", /"a" has \.\. behind a field/],
    ["a=https://x.test/{devise}", /\{devise\} is no field: \{deviceId\}, /],
    ["a=https://x.test/{labels.}", /\{labels\.\} is no field/],
    ["a=https://x.test/{type", /brace that belongs to no field/],
    ["a=https://x.test/}", /brace that belongs to no field/],
    ["https://x.test/", /no name|does not begin/],
    ["=https://x.test/", /no name before a =/],
    ["nothing", /no name before a =/],
    ["a=https://x.test/;", /link 2: it is empty/],
    ["a=https://x.test/;a=https://y.test/", /link 2: "a" is there twice/],
    [`${"n".repeat(61)}=https://x.test/`, /its name has 61 characters/],
    [`a=https://x.test/${"x".repeat(1_000)}`, /characters, at most 1000/],
    [Array.from({ length: 21 }, (_, index) => `n${index}=https://x.test/`).join(";"), /21 links, at most 20/],
  ];
  for (const [text, problem] of wrong) {
    const result = mailLinks.parse(text);
    assert.ok(!result.ok, text);
    assert.match(result.problem, problem);
    assert.doesNotMatch(result.problem, /geheim/);
  }
});

test("PUBLIC_URL is where a browser finds the page, without a login or a question", () => {
  const read = (text: string): string => {
    const result = publicUrl.parse(text);
    return result.ok ? result.value : "wrong";
  };
  assert.equal(read("http://alerts.example.com:9464"), "http://alerts.example.com:9464/");
  assert.equal(read("https://example.com/alerts"), "https://example.com/alerts/");
  for (const text of [
    "alerts.example.com",
    "javascript:alert(1)",
    "https://kim:pw@example.com/",
    "https://example.com/?a=b",
    "https://example.com/#x",
    "https:///x",
    "https://example.com/\r\nx",
    "https://a b/",
  ])
    assert.equal(read(text), "wrong", text);
});
