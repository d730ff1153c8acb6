/** What all boards share: variables, annotations, links to each other, and the grid. */

import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import { DATASOURCE } from "./panels.js";
import { counter, gauge } from "./promql.js";
import { RUNBOOKS_INDEX } from "./runbooks.js";

/** Panels of one height, left to right; their widths fill the 24 columns of the grid. */
export interface Row {
  readonly height: number;
  readonly panels: readonly (readonly [width: number, panel: { build(): dashboard.Panel }])[];
}

export interface BoardSpec {
  /** Stable: links and bookmarks hang on it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
}

const TAG = "alert-digest";
const GRID = 24;
/** `uid` of the datasource in `grafana/provisioning`: the default, no more. */
const PROVISIONED = { text: "Prometheus", value: "prometheus" };
const ALL = { text: ["All"], value: ["$__all"] };

/** Alerts of this product among all that Prometheus knows: its rules give them this label. */
export const FIRING = 'ALERTS{alertstate="firing",service="alert-digest"}';

export const buildBoard = (spec: BoardSpec): dashboard.Dashboard => {
  const board = new dashboard.DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .timezone("browser")
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: "now-1h", to: "now" })
    .refresh("15s")
    .variables(variables())
    .annotations(annotations())
    .links([otherBoards(), runbooks()])
    .build();
  return withoutPlacement({ ...board, schemaVersion: 42, panels: place(spec) });
};

/** The SDK puts links and annotations into a menu where nobody looks. */
const withoutPlacement = (board: dashboard.Dashboard): dashboard.Dashboard =>
  JSON.parse(
    JSON.stringify(board, (key, value) => (key === "placement" && value === "inControlsMenu" ? undefined : value)),
  );

/** The SDK sets neither ids nor refIds, and its own layout leaves holes. */
const place = ({ uid, rows }: BoardSpec): dashboard.Panel[] => {
  const panels: dashboard.Panel[] = [];
  let y = 0;
  for (const { height, panels: inRow } of rows) {
    let x = 0;
    for (const [width, builder] of inRow) {
      const panel = builder.build();
      const targets = panel.targets?.map((target, index) => ({ ...target, refId: String.fromCharCode(65 + index) }));
      panels.push({
        ...panel,
        id: panels.length + 1,
        gridPos: { x, y, w: width, h: height },
        ...(targets === undefined ? {} : { targets }),
      });
      x += width;
    }
    if (x !== GRID) throw new Error(`${uid}: the row at ${y} is ${x} wide, not ${GRID}`);
    y += height;
  }
  return panels;
};

const labelValues = (name: string, label: string, series: string, description: string) =>
  new dashboard.QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE)
    .query({
      qryType: 1,
      query: `label_values(${series}, ${name})`,
      refId: "PrometheusVariableQueryEditor-VariableQuery",
    })
    .definition(`label_values(${series}, ${name})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .includeAll(true)
    .multi(true)
    .current(ALL);

const variables = () => [
  new dashboard.DatasourceVariableBuilder("datasource").label("Datasource").type("prometheus").current(PROVISIONED),
  labelValues("job", "Job", "alert_digest_build_info", "Scrape job: all instances of one deployment"),
  labelValues("topic", "Topic", 'alert_digest_kafka_topic_partitions{job=~"$job"}', "Alerts topic"),
  labelValues(
    "group",
    "Group",
    'alert_digest_kafka_topic_partitions{job=~"$job",topic=~"$topic"}',
    "Consumer group; what has no group as a label is chosen by job alone",
  ),
];

const annotation = (options: {
  readonly name: string;
  readonly expr: string;
  readonly color: string;
  readonly title: string;
  readonly text: string;
}) =>
  new dashboard.AnnotationQueryBuilder()
    .name(options.name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(options.color)
    .expr(options.expr)
    .step("60s")
    .titleFormat(options.title)
    .textFormat(options.text)
    .useValueForTime(false);

/** Each is a range query with points where, and only where, something happened. */
const annotations = () => {
  const versions = (offset: string) => `count by (version, revision) (${gauge("build_info")}${offset})`;
  return [
    annotation({
      name: "Rebalances",
      expr: `sum by (group) (increase(${counter("kafka_rebalances_total")}[1m])) > 0`,
      color: "blue",
      title: "Rebalance",
      text: "Instances joined group {{group}}",
    }),
    annotation({
      name: "Deploys",
      expr: `${versions("")} unless ${versions(" offset 1m")}`,
      color: "purple",
      title: "Deploy",
      text: "Version {{version}}, revision {{revision}} is new",
    }),
    annotation({
      name: "Firing alerts",
      expr: FIRING,
      color: "red",
      title: "{{alertname}}",
      text: "{{severity}}",
    }),
  ];
};

const runbooks = () =>
  new dashboard.DashboardLinkBuilder("Runbooks")
    .type(dashboard.DashboardLinkType.Link)
    .icon("doc")
    .tooltip("What to look at and what to do, for each alert")
    .url(RUNBOOKS_INDEX)
    .targetBlank(true);

const otherBoards = () =>
  new dashboard.DashboardLinkBuilder("Boards")
    .type(dashboard.DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true);
