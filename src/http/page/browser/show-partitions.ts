/** The partitions of one instance as a table. */

import type { PartitionStatus } from "../../status-shape.js";
import { element, keyedList, type RowView, setAttribute, setHidden, setText, sign } from "./dom.js";
import type { Format } from "./format.js";
import type { Texts } from "./texts.js";

export interface PartitionRow {
  readonly partition: PartitionStatus;
  readonly limitSeconds: number;
  readonly texts: Texts;
  readonly format: Format;
}

/** Rows of one instance. With more partitions those with the highest lag are shown. */
const PARTITIONS_MAX = 100;

export const createPartitionRows = () => {
  const caption = element("caption", "unseen");
  const heads = [element("th"), element("th"), element("th", "number"), element("th", "number")] as const;
  for (const head of heads) head.scope = "col";
  const body = element("tbody");
  const root = element("table", "partitions", caption, element("thead", "", element("tr", "", ...heads)), body);
  const show = keyedList<PartitionRow>(body, ({ partition }) => String(partition.partition), partitionRow);
  return {
    root,
    /** Returns how many rows are left out. */
    update(rows: readonly PartitionRow[], title: string, { static: words }: Texts): number {
      setHidden(root, rows.length === 0);
      setText(caption, title);
      setText(heads[0], words.partition);
      setText(heads[1], words.state);
      setText(heads[2], words.oldest);
      setText(heads[3], words.behind);
      show(shown(rows));
      return Math.max(0, rows.length - PARTITIONS_MAX);
    },
  };
};

const shown = (rows: readonly PartitionRow[]): readonly PartitionRow[] =>
  [...rows]
    .sort((a, b) => (rows.length > PARTITIONS_MAX ? b.partition.lagSeconds - a.partition.lagSeconds : 0))
    .slice(0, PARTITIONS_MAX)
    .sort((a, b) => a.partition.partition - b.partition.partition);

const partitionRow = (): RowView<PartitionRow> => {
  const number = element("th");
  number.scope = "row";
  const stateText = element("span");
  const state = element("td", "state", sign(), stateText);
  const oldest = element("td", "number");
  const lag = element("td", "number");
  return {
    root: element("tr", "", number, state, oldest, lag),
    update({ partition, limitSeconds, texts, format }) {
      const { lagSeconds, paused, position } = partition;
      const kind =
        paused.length > 0 ? "paused" : lagSeconds > limitSeconds ? "late" : position === null ? "loading" : "current";
      setText(number, String(partition.partition));
      const reasons = format.list(paused.map((reason) => texts.pauseReason[reason] ?? reason));
      setText(stateText, kind === "paused" ? texts.paused(reasons) : texts.partitionState[kind]);
      setAttribute(state, "data-state", kind);
      setText(oldest, lagSeconds === 0 ? "–" : format.duration(lagSeconds));
      setText(lag, format.number(partition.lagRecords));
    },
  };
};
