/** What a board must be beside valid: rules of this project, as problems in words. */

import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import * as units from "@grafana/grafana-foundation-sdk/units";
import { expressionsOf, panelsOf, targetsOf } from "./expressions.js";
import { BUILT_IN, interpolate } from "./interpolate.js";
import { usesOf } from "./metric-uses.js";

const COLUMNS = 24;
const UNITS = new Set<unknown>(Object.values(units));
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces it
const VARIABLE_DATASOURCE = "${datasource}";
const VARIABLES = { datasource: "x", job: "x", topic: "x", group: "x" };

export const lint = (board: Dashboard): readonly string[] => [
  ...boardProblems(board),
  ...gridProblems(panelsOf(board)),
  ...panelsOf(board).flatMap((panel) => panelProblems(panel).map((problem) => `${panel.title}: ${problem}`)),
  ...expressionProblems(board),
];

/** The texts that do not hold. */
const problemsOf = (checks: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(checks).flatMap(([problem, holds]) => (holds ? [] : [problem]));

const repeated = (values: readonly unknown[]): boolean => new Set(values).size !== values.length;

const boardProblems = (board: Dashboard): string[] => {
  const panels = panelsOf(board);
  const variables = (board.templating.list ?? []).map(({ name }) => name);
  const annotations = (board.annotations.list ?? []).map(({ name }) => name);
  const sources = [...(board.templating.list ?? []).slice(1), ...(board.annotations.list ?? [])];
  return problemsOf({
    "the schema is not 42": board.schemaVersion === 42,
    "no stable uid": /^alert-digest-[a-z]+$/.test(board.uid ?? ""),
    "no shared crosshair": board.graphTooltip === 1,
    "not the variables datasource, job, topic, group": variables.join() === Object.keys(VARIABLES).join(),
    "not the annotations rebalances, deploys, alerts": annotations.join() === "Rebalances,Deploys,Firing alerts",
    "a datasource is fixed": sources.every(({ datasource }) => datasource?.uid === VARIABLE_DATASOURCE),
    "no links to the other boards":
      board.links?.some(({ type, tags }) => type === "dashboards" && tags.join() === board.tags?.join()) ?? false,
    "a link is hidden in a menu": ![...(board.links ?? []), ...panels.flatMap(({ links = [] }) => links)].some(
      (link) => "placement" in link,
    ),
    "two panels have one id": !repeated(panels.map(({ id }) => id)) && panels.every(({ id = 0 }) => id > 0),
    "two panels have one title": !repeated(panels.map(({ title }) => title)),
  });
};

/** Every cell from the top to the last panel is covered once. */
const gridProblems = (panels: readonly Panel[]): string[] => {
  const covered = new Map<string, string>();
  const problems: string[] = [];
  let bottom = 0;
  for (const { title = "", gridPos } of panels) {
    if (gridPos === undefined) return [...problems, `${title}: no place`];
    const { x, y, w, h } = gridPos;
    if (x < 0 || x + w > COLUMNS) problems.push(`${title}: beyond the grid's ${COLUMNS} columns`);
    bottom = Math.max(bottom, y + h);
    const below = new Set<string>();
    for (let cell = 0; cell < w * h; cell++) {
      const at = `${x + (cell % w)} ${y + Math.floor(cell / w)}`;
      const other = covered.get(at);
      if (other !== undefined) below.add(other);
      covered.set(at, title);
    }
    problems.push(...[...below].map((other) => `${title}: lies on ${other}`));
  }
  if (covered.size < bottom * COLUMNS) problems.push(`${bottom * COLUMNS - covered.size} cells of the grid are empty`);
  return problems;
};

const panelProblems = (panel: Panel): string[] => {
  const targets = targetsOf(panel);
  const heatmapUnit = panel.options?.yAxis?.unit;
  return problemsOf({
    "no description": (panel.description ?? "").length > 30 && /[.a-z)]$/.test(panel.description ?? ""),
    "no unit that Grafana knows": UNITS.has(panel.fieldConfig?.defaults.unit),
    "no unit of its axis that Grafana knows": panel.type !== "heatmap" || UNITS.has(heatmapUnit),
    "a datasource is fixed": [panel, ...targets].every(({ datasource }) => datasource?.uid === VARIABLE_DATASOURCE),
    "no query": targets.length > 0,
    "refIds are missing or repeated":
      !repeated(targets.map(({ refId }) => refId)) && targets.every(({ refId }) => refId),
    "a query has no legend": targets.every(({ legendFormat }) => (legendFormat ?? "") !== ""),
    "a query is neither instant nor over a range": targets.every(({ instant, range }) => instant !== range),
  });
};

const SCRAPED = /_lag_(records|seconds)$/;

const expressionProblems = (board: Dashboard): string[] =>
  expressionsOf(board).flatMap(({ where, expr, instant, of }) => {
    const ranges = expr.match(/\[[^\]]*\]/g) ?? [];
    const isGraph = of === "panel" && !instant;
    const { metrics } = usesOf(interpolate(expr, { ...VARIABLES, ...BUILT_IN }));
    const summed = metrics.filter(({ name, within }) => {
      const nearest = within.find((around) => ["sum", "avg", "max", "min", "count"].includes(around));
      return SCRAPED.test(name) && nearest !== "max" && nearest !== "count";
    });
    return problemsOf({
      "a graph has a range other than $__rate_interval":
        !isGraph || ranges.every((range) => range === "[$__rate_interval]"),
      "an instant query has $__rate_interval": isGraph || !expr.includes("$__rate_interval"),
      [`${summed.map(({ name }) => name).join()} is not the most of its instances`]: summed.length === 0,
      "a metric is asked without $job": metrics.every(
        ({ name, labels }) => /^ALERTS/.test(name) || labels.includes("job"),
      ),
    }).map((problem) => `${where}: ${problem}`);
  });
