/** Every expression that a board asks a datasource, wherever it stands. */

import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";

export interface BoardExpression {
  /** For people: board, panel and query. */
  readonly where: string;
  readonly expr: string;
  readonly instant: boolean;
  /** Grafana's legend format; undefined where there is none. */
  readonly legend: string | undefined;
  readonly of: "panel" | "annotation";
  readonly panel: Panel | undefined;
}

export const panelsOf = (board: Dashboard): readonly Panel[] =>
  (board.panels ?? []).map((panel) => {
    if (panel.type === "row") throw new Error(`${board.uid}: rows are not used`);
    return panel as Panel;
  });

export const targetsOf = (panel: Panel): readonly Dataquery[] => (panel.targets ?? []) as Dataquery[];

export const expressionsOf = (board: Dashboard): readonly BoardExpression[] => [
  ...panelsOf(board).flatMap((panel) =>
    targetsOf(panel).map(({ expr, instant, legendFormat, refId }) => ({
      where: `${board.title}, ${panel.title}, ${refId}`,
      expr,
      instant: instant === true,
      legend: legendFormat,
      of: "panel" as const,
      panel,
    })),
  ),
  ...(board.annotations.list ?? []).map(({ name, expr = "" }) => ({
    where: `${board.title}, annotation ${name}`,
    expr,
    instant: false,
    legend: undefined,
    of: "annotation" as const,
    panel: undefined,
  })),
];
