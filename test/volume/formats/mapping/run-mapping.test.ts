import assert from "node:assert/strict";
import { test } from "node:test";
import { createReloadedMapping } from "#src/formats/mapping/reload.js";
import { runMappingReader } from "#src/formats/mapping/run-mapping.js";
import { loadFile } from "#src/yaml-file/document.js";
import { VirtualClock } from "#test/support/virtual-clock.js";
import { NEAREST } from "#test/unit/formats/mapping/mappings.js";

const reader = runMappingReader({ ...NEAREST, fileProblem: (error) => (error as Error).message }, "alerts");
const problems = (text: string): readonly string[] => {
  const result = reader.parse(text, "m.yaml");
  return result.ok ? [] : result.errors.map(({ where, problem }) => `${where} ${problem}`);
};

test("run refuses what makes several alerts of a record, where it stands, and names translate", () => {
  assert.deepEqual(problems("version: 1\neach: /a\nlines: true\nfields: { message: /m }"), [
    "m.yaml:2:1 each makes several alerts of one record, and run reads one alert from each",
    "m.yaml:3:1 lines makes several alerts of one record, and run reads one alert from each",
  ]);
  assert.deepEqual(problems("version: 1\ntopics: { alerts: { each: /a, fields: { message: /m } } }"), [
    "m.yaml:2:21 each makes several alerts of one record, and run reads one alert from each",
  ]);
  const result = reader.parse("version: 1\neach: ''\nfields: { message: /m }", "m.yaml");
  assert.match(result.ok ? "" : (result.errors[0]?.expected ?? ""), /alert-digest translate/);
});

test("run takes the mapping of its topic, and nothing of the others", () => {
  assert.deepEqual(
    problems("version: 1\nfields: { message: /m }\ntopics: { zabbix: { lines: true, fields: { type: /t } } }"),
    [],
  );
  assert.deepEqual(problems("version: 1\ntopics: { zabbix: { fields: { type: /t } } }"), [
    "m.yaml:2:9 it has no mapping for the topic alerts, only for zabbix",
  ]);
  const result = reader.parse("version: 1\ntopics: { zabbix: { fields: { type: /t } } }", "m.yaml");
  assert.equal(result.ok ? "" : result.errors[0]?.example, "topics: { alerts: { fields: { … } } }");
});

test("a changed file is in force within three seconds; a broken one is told of once, and changes nothing", async () => {
  let text = "version: 1\nfields: { message: /a }";
  const loaded = loadFile("m.yaml", () => text, reader);
  assert.ok(loaded.ok);
  const [clock, outcomes, lines] = [new VirtualClock(), [] as string[], [] as string[]];
  const say = (fields: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  const mapping = createReloadedMapping({
    loaded: loaded.loaded,
    read: async () => text,
    reader,
    clock,
    log: { debug: say, info: say, warn: say, error: say },
    metrics: { mappingReloaded: (outcome) => outcomes.push(outcome) },
  });
  const now = () => mapping.current.sources.map((source) => source.text).join();
  mapping.start();
  await clock.advance(10_000);
  assert.deepEqual([now(), outcomes], ["/a", []]);
  text = "version: 1\nfields: { message: /b }";
  await clock.advance(3_000);
  assert.deepEqual([now(), outcomes], ["/b", ["reloaded"]]);
  text = "version: 1\neach: /x\nfields: { message: /c, devceId: /d }";
  await clock.advance(60_000);
  assert.deepEqual([now(), mapping.isStale, outcomes], ["/b", true, ["reloaded", "failed"]]);
  assert.match(lines.at(-1) ?? "", /the one from before stays in force .*m\.yaml:3:24: unknown key/);
  mapping.close();
});
