/** One card for each instance of the group: where it runs, its mail server, its buffer, its partitions. */

import type { GroupStatus, InstanceStatus, ShownInstance } from "../../status-shape.js";
import { bar, byId, element, keyedList, type RowView, setAttribute, setFill, setHidden, setText, sign } from "./dom.js";
import type { Format } from "./format.js";
import { isHeard, lagLimitSeconds, unownedPartitions } from "./group.js";
import { createPartitionRows, type PartitionRow } from "./show-partitions.js";
import { serverTroubleText, type Texts } from "./texts.js";

interface Card {
  readonly instance: ShownInstance;
  readonly status: GroupStatus;
  readonly texts: Texts;
  readonly format: Format;
}

/** Part of a limit from which on a buffer is shown as nearly full. */
const NEARLY_FULL = 0.9;

export type ShowInstances = (status: GroupStatus, texts: Texts, format: Format) => void;

export const createShowInstances = (): ShowInstances => {
  const showCards = keyedList<Card>(byId("instances"), ({ instance }) => instance.instanceId, instanceCard);
  const unowned = byId("unowned");
  const unownedNumbers = byId("unowned-numbers");
  const note = byId("sharing-note");
  return (status, texts, format) => {
    showCards(status.instances.map((instance) => ({ instance, status, texts, format })));
    const partitions = unownedPartitions(status);
    setHidden(unowned, partitions.length === 0);
    setText(unownedNumbers, format.numbers(partitions));
    const text = texts.sharingNote[status.sharing];
    setHidden(note, text === "");
    setText(note, text);
  };
};

const serverText = (
  { host, reachable, since, circuitOpen, circuitSince, trouble, lastFailure, busy, max }: InstanceStatus["smtp"],
  texts: Texts,
  format: Format,
): { readonly text: string; readonly level: "ok" | "bad" | undefined } => {
  const time = (at: string | null): string => (at === null ? "?" : format.time(at));
  if (circuitOpen && reachable !== false && lastFailure?.reason === "policy")
    return { text: texts.smtpRefusesUs(time(circuitSince)), level: "bad" };
  if (circuitOpen || reachable === false) {
    const what = texts.smtpOpen(time(reachable === false ? since : circuitSince));
    const known = serverTroubleText(texts, trouble?.kind);
    return { text: known === undefined ? what : `${what}: ${known.short}`, level: "bad" };
  }
  if (host !== null && reachable === null) return { text: texts.smtpNotTried, level: undefined };
  const use = texts.smtpReady(format.number(busy), format.number(max));
  return { text: since === null ? use : `${texts.smtpReachableSince(time(since))} · ${use}`, level: "ok" };
};

const instanceCard = (): RowView<Card> => {
  const name = element("bdi");
  const heard = element("span", "chip");
  const stranger = element("span", "chip");
  setAttribute(stranger, "data-level", "bad");
  const running = element("p", "muted");
  const trouble = element("p", "trouble");
  const smtpTerm = element("dt");
  const smtpText = element("span");
  const smtp = element("dd", "smtp", sign(), smtpText);
  const bufferTerm = element("dt");
  const bufferText = element("span");
  const bufferBar = bar();
  const buffer = element("dd", "", bufferText, bufferBar.root);
  const count = element("p", "count");
  const partitions = createPartitionRows();
  const more = element("p", "muted");
  const root = element(
    "article",
    "card instance",
    element("header", "", element("h3", "", name), heard, stranger, running),
    trouble,
    element("dl", "", smtpTerm, smtp, bufferTerm, buffer),
    count,
    partitions.root,
    more,
  );

  return {
    root,
    update({ instance, status, texts, format }) {
      const { smtp: server, buffers, ageSeconds, partitions: own } = instance;
      const isGone = !isHeard(instance);
      const isSelf = instance.instanceId === status.self;
      const age = format.duration(ageSeconds);
      setAttribute(root, "data-gone", isGone ? "yes" : undefined);
      setText(name, instance.host);
      setAttribute(name, "title", instance.instanceId);
      setText(heard, isGone ? texts.gone(age) : isSelf ? texts.serving : texts.heard(age));
      setAttribute(heard, "data-level", isGone ? "bad" : undefined);
      const isStranger = !isSelf && instance.isMember === false;
      setHidden(stranger, !isStranger);
      setText(stranger, isStranger ? texts.notMember : "");
      const up = (Date.parse(instance.time) - Date.parse(instance.startedAt)) / 1_000;
      setText(running, texts.running(instance.version, format.duration(Math.max(0, Math.floor(up)))));
      const reason = instance.notAlive ?? instance.notReady;
      setHidden(trouble, reason === null);
      setText(trouble, reason ?? "");

      setText(smtpTerm, texts.static.mailServer);
      const shown = serverText(server, texts, format);
      setText(smtpText, shown.text);
      setAttribute(smtp, "title", server.host === null ? undefined : `${server.host}:${server.port}`);
      setAttribute(smtp, "data-level", shown.level);

      setText(bufferTerm, texts.static.buffer);
      setText(
        bufferText,
        texts.bufferUse(
          format.number(buffers.alerts),
          format.number(buffers.alertsMax),
          format.bytes(buffers.bytes),
          format.bytes(buffers.bytesMax),
        ),
      );
      const full = Math.max(buffers.alerts / buffers.alertsMax, buffers.bytes / buffers.bytesMax);
      setFill(bufferBar.fill, full);
      setAttribute(bufferBar.root, "data-level", full >= NEARLY_FULL ? "bad" : undefined);

      const all = format.number(status.partitionCount);
      setText(count, own.length === 0 ? texts.noPartitions : texts.partitionCount(format.number(own.length), all));
      const rows: readonly PartitionRow[] = own.map((partition) => ({
        partition,
        limitSeconds: lagLimitSeconds(status),
        texts,
        format,
      }));
      const hiddenRows = partitions.update(rows, texts.partitionsOf(instance.host), texts);
      setHidden(more, hiddenRows === 0);
      setText(more, texts.morePartitions(format.number(hiddenRows)));
    },
  };
};
