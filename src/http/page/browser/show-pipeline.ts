/** The five numbers of the way from Kafka to mail; the one where alerts wait is marked. */

import type { GroupStatus } from "../../status-shape.js";
import { byId, setAttribute, setHidden, setText } from "./dom.js";
import type { Format } from "./format.js";
import {
  commonestRepairs,
  countedInstances,
  heardInstances,
  highest,
  lagLimitSeconds,
  latestMutes,
  recentDeadLetters,
  sum,
  unreadRecords,
} from "./group.js";
import type { Texts } from "./texts.js";

export type ShowPipeline = (status: GroupStatus, texts: Texts, format: Format) => void;

export const createShowPipeline = (): ShowPipeline => {
  const tile = (name: string) => {
    const root = byId(`tile-${name}`);
    const number = byId(`tile-${name}-number`);
    const note = byId(`tile-${name}-note`);
    return (value: string, text: string, level: "bad" | "watch" | undefined): void => {
      setText(number, value);
      setText(note, text);
      setAttribute(root, "data-level", level);
    };
  };
  const unread = tile("unread");
  const filling = tile("filling");
  const waiting = tile("waiting");
  const mailed = tile("mailed");
  const deadLettered = tile("dead");
  const repairs = byId("repairs");
  const mutes = byId("mutes");

  return (status, texts, format) => {
    const heard = heardInstances(status);
    const partitions = heard.flatMap((instance) => instance.partitions);
    const known = partitions.flatMap((partition) => unreadRecords(partition) ?? []);
    const oldest = highest(partitions, ({ lagSeconds }) => lagSeconds);
    const late = partitions.filter(({ lagSeconds }) => lagSeconds > lagLimitSeconds(status));
    unread(
      // Of partitions that cannot be asked nothing is known; a sum of the others would look like all.
      known.length < partitions.length ? format.number(null) : format.number(sum(known, (count) => count)),
      oldest === 0 ? texts.nothingUnsent : texts.oldestUnsettled(format.duration(oldest)),
      // What is late but read waits further on.
      late.some((partition) => unreadRecords(partition) !== 0) ? "bad" : undefined,
    );
    filling(
      format.number(sum(heard, ({ windows }) => windows.open)),
      texts.inMemory(format.number(sum(heard, ({ buffers }) => buffers.alerts))),
      undefined,
    );
    const pending = sum(heard, ({ windows }) => windows.pending);
    const pendingAge = highest(heard, ({ windows }) => windows.oldestPendingAgeSeconds);
    const held = sum(heard, ({ windows }) => windows.held);
    const waits = pending === 0 ? texts.nothingWaits : texts.waitingFor(format.duration(pendingAge));
    waiting(
      format.number(pending),
      held === 0 ? waits : `${waits} · ${texts.held(format.number(held))}`,
      heard.some(({ smtp }) => smtp.circuitOpen) || (pending > 0 && late.length > 0) ? "bad" : undefined,
    );
    const instances = countedInstances(status);
    const muted = sum(instances, ({ totals }) => totals.muted);
    mailed(
      format.number(sum(instances, ({ totals }) => totals.mailsAccepted)),
      texts.ofAlerts(
        format.number(sum(instances, ({ totals }) => totals.alerts)),
        muted === 0 ? null : format.number(muted),
      ),
      undefined,
    );
    const recent = recentDeadLetters(status);
    deadLettered(
      format.number(
        Math.max(
          recent.count,
          sum(instances, ({ totals }) => totals.deadLetters),
        ),
      ),
      texts.recently(
        format.number(recent.count) + (recent.atLeast ? "+" : ""),
        recent.since === null ? null : format.time(recent.since),
      ),
      recent.count > 0 ? "watch" : undefined,
    );
    const repaired = commonestRepairs(status).map(({ field, count }) =>
      texts.repaired(field, format.number(count), count === 1),
    );
    setHidden(repairs, repaired.length === 0);
    setText(repairs, repaired.length === 0 ? "" : texts.repairs(repaired.join(", ")));
    const { shown, all } = latestMutes(status);
    const muting = shown.map(({ route, name, how, alerts, at }) =>
      texts.mutedBy(String(route), name, format.number(alerts), how === "report", format.time(at)),
    );
    setHidden(mutes, all === 0);
    setText(
      mutes,
      all === 0 ? "" : texts.mutes(muting.join("; "), all > shown.length ? format.number(all - shown.length) : null),
    );
  };
};
