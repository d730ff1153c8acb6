/** The alerting rules, their runbooks and promtool's test cases: each has what the others need. promtool itself runs with the integration tests. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { INVENTORY } from "#src/metrics/inventory.js";
import { PREFIX } from "#src/metrics/metric-spec.js";

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Case {
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly exp_alerts?: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
  }[];
  readonly promql_expr_test?: readonly {
    readonly expr: string;
    readonly exp_samples?: readonly { labels: string }[];
  }[];
}

const root = new URL("../../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");
const names = (directory: string, ending: string): string[] =>
  readdirSync(new URL(directory, root), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(ending));

const RUNBOOKS = "docs/runbooks/";
const rulesIn = (folder: string): Rule[] =>
  names(folder, ".yml").flatMap((file) =>
    (parse(text(folder + file)).groups as { rules: Rule[] }[]).flatMap((group) => group.rules),
  );
const rules = [...rulesIn("grafana/prometheus/rules/"), ...rulesIn("grafana/prometheus/rules-optional/")];
const alerts = rules.filter(({ alert }) => alert !== undefined);
const cases = names("test/prometheus/", ".test.yml").flatMap(
  (file) => parse(text(`test/prometheus/${file}`)).tests as Case[],
);
const runbooks = names(RUNBOOKS, ".md").filter((name) => name !== "README.md" && !name.startsWith("ko/"));
const source = names("src/", ".ts")
  .map((name) => text(`src/${name}`))
  .join("\n");

test("there is a rule for everything that can keep an alert from being mailed on time, to the right people, and put on record", () => {
  assert.deepEqual([...new Set(alerts.map(({ alert }) => alert))].sort(), [
    "CheckpointNearLimit",
    "ClockSkew",
    "CommitStalledWhileReading",
    "DeadLetters",
    "Down",
    "LagSeconds",
    "MailAmbiguous",
    "MailFailing",
    "MailPresumed",
    "MappingStale",
    "NearBufferLimit",
    "NotOnRecord",
    "OpenTransaction",
    "OutOfGroup",
    "PartitionUnowned",
    "RebalanceStorm",
    "RecipientFlooded",
    "RecipientWaiting",
    "RecipientsDatabaseAway",
    "RecipientsFaulty",
    "RecordsDeletedUnread",
    "RecordsWaiting",
    "RecordsWithoutKey",
    "RegistryUnreachable",
    "ReportFailed",
    "ReportLate",
    "RoutesStale",
    "SloBurnRate",
    "SmtpAuthBroken",
    "SmtpRefusesUs",
    "SmtpUnreachable",
    "TemplateFails",
    "Throttled",
    "TopicSilent",
    "WindowStuck",
  ]);
});

test("every alert has a severity, says what is the matter, and leads to its runbook", () => {
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels["severity"] ?? "", /^(page|ticket)$/, alert);
    assert.equal(labels["service"], "alert-digest", alert);
    assert.ok(annotations["summary"] && annotations["description"], alert);
    assert.equal(annotations["runbook_url"], `${RUNBOOKS}${alert}.md`);
    assert.ok(runbooks.includes(`${alert}.md`), alert);
  }
  for (const page of runbooks)
    assert.ok(
      alerts.some(({ alert }) => `${alert}.md` === page),
      `${page} has no rule`,
    );
});

test("every alert says it in Korean too, of the same things", () => {
  const askedIn = (said = ""): readonly string[] => (said.match(/\{\{.*?\}\}/g) ?? []).sort();
  for (const { alert, annotations } of alerts)
    for (const name of ["summary", "description"]) {
      const [english, korean] = [annotations[name], annotations[`${name}_ko`]];
      assert.match(korean ?? "", /[가-힣]/, `${alert}: ${name}_ko`);
      assert.deepEqual(askedIn(korean), askedIn(english), `${alert}: ${name}_ko`);
      assert.doesNotMatch(korean ?? "", /이\(가\)|을\(를\)|은\(는\)/, alert);
    }
});

test("every runbook says what it means, what to look at, what to do, and when it is harmless", () => {
  for (const page of runbooks) {
    const headings = [...text(RUNBOOKS + page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, [page.replace(".md", ""), "Look at", "Do", "When it is harmless"], page);
  }
});

test("metrics, log lines and files that a runbook names exist", () => {
  let lines = 0;
  for (const page of [...runbooks, "README.md"]) {
    const runbook = text(RUNBOOKS + page);
    for (const [, name = ""] of runbook.matchAll(/(?<!:)\balert_digest_(\w+)/g)) {
      assert.ok(
        name in INVENTORY || name.replace(/_(bucket|sum|count)$/, "") in INVENTORY,
        `${page}: ${PREFIX}${name}`,
      );
    }
    for (const [, record = ""] of runbook.matchAll(/`(job:\w+:\w+)/g))
      assert.ok(
        rules.some((rule) => rule.record === record),
        `${page}: ${record}`,
      );
    for (const [, line = ""] of runbook.matchAll(/[Ll]og: `([^`]+)`/g)) {
      lines++;
      assert.ok(source.includes(line), `${page}: nobody logs "${line}"`);
    }
    for (const [, link = ""] of runbook.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      assert.doesNotThrow(() => text(RUNBOOKS + link), `${page}: ${link}`);
  }
  assert.ok(lines > 5);
});

test("every rule has a case in which it fires and one in which it does not", () => {
  for (const { alert = "", labels } of alerts) {
    const own = (selector: string): boolean =>
      selector.includes(`alertname="${alert}"`) &&
      ["severity", "window"].every((name) => !labels[name] || selector.includes(`${name}="${labels[name]}"`));
    const asked = cases.flatMap((one) => one.alert_rule_test ?? []).filter(({ alertname }) => alertname === alert);
    const fires =
      asked.some(({ exp_alerts = [] }) =>
        exp_alerts.some(({ exp_labels }) => ["severity", "window"].every((name) => exp_labels[name] === labels[name])),
      ) ||
      cases.some((one) =>
        one.promql_expr_test?.some(({ exp_samples = [] }) => exp_samples.some((sample) => own(sample.labels))),
      );
    assert.ok(fires, `${alert} ${labels["severity"]} never fires in test/prometheus`);
    assert.ok(
      asked.some(({ exp_alerts = [] }) => exp_alerts.length === 0),
      `${alert} always fires in test/prometheus`,
    );
  }
});
