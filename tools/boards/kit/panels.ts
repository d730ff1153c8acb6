/** The panels of the boards: each with a description, a unit, and everything else as all others have it. */

import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as statetimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import { type Alert, runbookLink } from "./runbooks.js";

/** The datasource is what the variable says, everywhere. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces it
export const DATASOURCE: dashboard.DataSourceRef = { type: "prometheus", uid: "${datasource}" };

export interface Query {
  readonly expr: string;
  /** Grafana's format: `{{partition}}`. */
  readonly legend?: string;
}

export interface PanelSpec {
  readonly title: string;
  /** What it shows, what is normal, and where to look next. */
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Alerts whose runbook is about what this panel shows. */
  readonly alerts?: readonly Alert[];
}

export interface Level {
  readonly from: number;
  readonly color: "green" | "yellow" | "orange" | "red" | "blue";
}

/** Value → text and colour. */
export type Texts = Readonly<Record<number, { readonly text: string; readonly color: Level["color"] }>>;

type Builder = { build(): dashboard.Panel };

const thresholds = (levels: readonly Level[], base: Level["color"] = "green"): dashboard.ThresholdsConfigBuilder =>
  new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...levels.map(({ from, color }) => ({ value: from, color }))]);

const mappings = (texts: Texts): dashboard.ValueMapping[] => [
  {
    type: dashboard.MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(texts).map(([value, { text, color }], index) => [value, { text, color, index }]),
    ),
  },
];

const query = ({ expr, legend }: Query): prometheus.DataqueryBuilder =>
  new prometheus.DataqueryBuilder()
    .datasource(DATASOURCE)
    .editorMode(prometheus.QueryEditorMode.Code)
    .expr(expr)
    .legendFormat(legend ?? "__auto");

const links = ({ alerts = [] }: PanelSpec): dashboard.DashboardLinkBuilder[] => alerts.map(runbookLink);

const legend = (asTable: boolean): common.VizLegendOptionsBuilder => {
  const builder = new common.VizLegendOptionsBuilder().showLegend(true).placement(common.LegendPlacement.Bottom);
  return asTable
    ? builder.displayMode(common.LegendDisplayMode.Table).calcs(["lastNotNull", "max"]).sortBy("Max").sortDesc(true)
    : builder.displayMode(common.LegendDisplayMode.List).calcs([]);
};

const allSeries = (): common.VizTooltipOptionsBuilder =>
  new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending);

/** One number, as it is now. */
export interface StatSpec extends PanelSpec {
  readonly levels?: readonly Level[];
  /** Colour below the first level; default green. */
  readonly base?: Level["color"];
  readonly texts?: Texts;
  readonly decimals?: number;
  /** Colours the whole tile. */
  readonly filled?: boolean;
}

export const statPanel = (spec: StatSpec): Builder => {
  const panel = new stat.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .unit(spec.unit)
    .thresholds(thresholds(spec.levels ?? [], spec.base))
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]).fields("").values(false))
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(spec.filled ? common.BigValueColorMode.BackgroundSolid : common.BigValueColorMode.Value)
    .textMode(spec.queries.length > 1 ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value)
    .targets(spec.queries.map((one) => query(one).instant()))
    .links(links(spec));
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  if (spec.texts) panel.mappings(mappings(spec.texts));
  return panel;
};

export interface GraphSpec extends PanelSpec {
  readonly style?: "lines" | "bars" | "stacked";
  /** Drawn as lines across the graph. */
  readonly levels?: readonly Level[];
  /** Series with this name are drawn dashed and unfilled: a limit that others are held against. */
  readonly limit?: string;
  readonly max?: number;
}

export const graphPanel = (spec: GraphSpec): Builder => {
  const { style = "lines" } = spec;
  const panel = new timeseries.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .unit(spec.unit)
    .min(0)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName))
    .drawStyle(style === "bars" ? common.GraphDrawStyle.Bars : common.GraphDrawStyle.Line)
    .lineWidth(style === "bars" ? 0 : 1)
    .fillOpacity(style === "lines" ? 5 : style === "bars" ? 80 : 30)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .legend(legend(spec.queries.some((one) => one.legend?.includes("{{") ?? true)))
    .tooltip(allSeries())
    .targets(spec.queries.map((one) => query(one).range()))
    .links(links(spec));
  if (style !== "lines") panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group("A"));
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.levels) {
    panel
      .thresholds(thresholds(spec.levels))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed));
  }
  if (spec.limit !== undefined) {
    panel.overrideByName(spec.limit, [
      { id: "custom.lineStyle", value: { fill: "dash", dash: [8, 6] } },
      { id: "custom.fillOpacity", value: 0 },
      { id: "custom.stacking", value: { mode: "none", group: "B" } },
      { id: "color", value: { mode: "fixed", fixedColor: "red" } },
    ]);
  }
  return panel;
};

/** A histogram over time; `queries` give buckets by `le`. */
export const heatmapPanel = (spec: PanelSpec): Builder =>
  new heatmap.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .unit("short")
    .calculate(false)
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme("Oranges")
        .fill("dark-orange")
        .scale(heatmap.HeatmapColorScale.Exponential)
        .exponent(0.5)
        .steps(64)
        .reverse(false),
    )
    .yAxis(new heatmap.YAxisConfigBuilder().unit(spec.unit).axisPlacement(common.AxisPlacement.Left))
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true))
    .targets(
      spec.queries.map((one) =>
        query({ ...one, legend: "{{le}}" })
          .range()
          .format(prometheus.PromQueryFormat.Heatmap),
      ),
    )
    .links(links(spec));

/** States over time, a row for each series. */
export const timelinePanel = (spec: PanelSpec & { readonly texts: Texts }): Builder =>
  new statetimeline.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .unit(spec.unit)
    .mappings(mappings(spec.texts))
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .showValue(common.VisibilityMode.Never)
    .legend(legend(false))
    .tooltip(allSeries())
    .targets(spec.queries.map((one) => query(one).range()))
    .links(links(spec));

export interface TableSpec extends PanelSpec {
  /** Heading of the value's column. */
  readonly value: string;
  readonly hidden: readonly string[];
  /** Columns whose cells link to something. */
  readonly cellLinks?: Readonly<Record<string, { readonly title: string; readonly url: string }>>;
}

export const tablePanel = (spec: TableSpec): Builder => {
  const panel = new table.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .unit(spec.unit)
    .targets(spec.queries.map((one) => query(one).instant().format(prometheus.PromQueryFormat.Table)))
    .transformations([
      {
        id: "organize",
        options: {
          excludeByName: Object.fromEntries(["Time", "__name__", ...spec.hidden].map((name) => [name, true])),
          renameByName: { Value: spec.value },
        },
      },
    ])
    .links(links(spec));
  for (const [column, { title, url }] of Object.entries(spec.cellLinks ?? {})) {
    panel.overrideByName(column, [{ id: "links", value: [{ title, url, targetBlank: true }] }]);
  }
  return panel;
};
