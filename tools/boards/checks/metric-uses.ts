/** What an expression asks of which metric, by the grammar of PromQL. */

import { parser } from "@prometheus-io/lezer-promql";

type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

export interface MetricUse {
  readonly name: string;
  /** Labels of its matchers. */
  readonly labels: readonly string[];
  /** Functions and aggregations around it, the nearest first. */
  readonly within: readonly string[];
}

export interface Uses {
  readonly metrics: readonly MetricUse[];
  /** Labels of `by`, `on`, `group_left` and the like. */
  readonly grouping: readonly string[];
  /** Ranges in brackets, as written. */
  readonly ranges: readonly string[];
}

/** Throws where the text is no PromQL. */
export const usesOf = (expr: string): Uses => {
  const metrics: MetricUse[] = [];
  const grouping: string[] = [];
  const ranges: string[] = [];
  const text = (node: SyntaxNode | null): string => (node === null ? "" : expr.slice(node.from, node.to));
  parser.parse(expr).iterate({
    enter({ node, type }) {
      if (type.isError) throw new Error(`no PromQL at ${node.from}: ${expr}`);
      if (type.name === "VectorSelector") {
        const name = text(node.getChild("Identifier"));
        metrics.push({ name, labels: labelsOf(node, text), within: functionsAround(node, text) });
      }
      if (type.name === "GroupingLabels") grouping.push(...labelsOf(node, text));
      if (type.name === "MatrixSelector") ranges.push(text(node).replace(/^.*\[|\]$/gs, ""));
    },
  });
  return { metrics, grouping, ranges };
};

type TextOf = (node: SyntaxNode | null) => string;

const labelsOf = (node: SyntaxNode, text: TextOf): string[] => {
  const labels: string[] = [];
  const cursor = node.cursor();
  do if (cursor.name === "LabelName") labels.push(text(cursor.node));
  while (cursor.next() && cursor.from < node.to);
  return labels;
};

const functionsAround = (node: SyntaxNode, text: TextOf): string[] => {
  const names: string[] = [];
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.name === "FunctionCall") names.push(text(at.getChild("FunctionIdentifier")));
    if (at.name === "AggregateExpr") names.push(text(at.getChild("AggregateOp")));
  }
  return names;
};
