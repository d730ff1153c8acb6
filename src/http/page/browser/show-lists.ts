/** Windows that fill up, mails that leave, dead letters: one table each, at most `ROWS_MAX` rows whatever comes. */

import type { DeadLetterStatus, GroupStatus, MailStatus, WindowStatus } from "../../status-shape.js";
import { bar, byId, element, keyedList, type RowView, setAttribute, setFill, setHidden, setText, sign } from "./dom.js";
import type { Format } from "./format.js";
import {
  deadLettersKnownSince,
  fullestWindows,
  heardInstances,
  lastDeadLetters,
  lastMails,
  type Row,
  sum,
} from "./group.js";
import type { Texts } from "./texts.js";

export type ShowLists = (status: GroupStatus, texts: Texts, format: Format) => void;

interface Shown<T> {
  readonly row: Row<T>;
  readonly status: GroupStatus;
  readonly texts: Texts;
  readonly format: Format;
}

/** A window that ended longer ago is one of a backlog. */
const BEHIND_SECONDS = 10;

/** The code stays beside its words, for whoever looks it up in a runbook. */
const coded = (code: string, { words }: Texts): string =>
  words[code] === undefined ? code : `${words[code]} (${code})`;

export const createShowLists = (): ShowLists => {
  const showWindows = list("windows", windowRow);
  const showMails = list("mails", mailRow);
  const showDeadLetters = list("dead-letters", deadLetterRow);
  const windowsCount = byId("windows-count");
  const deadLettersCount = byId("dead-letters-count");
  return (status, texts, format) => {
    const windows = fullestWindows(status);
    const open = sum(heardInstances(status), (instance) => instance.windows.open);
    setText(windowsCount, open === 0 ? "" : texts.windowsShown(format.number(windows.length), format.number(open)));
    showWindows(windows.map((row) => ({ row, status, texts, format })));
    showMails(lastMails(status).map((row) => ({ row, status, texts, format })));
    setText(deadLettersCount, texts.knownSince(format.time(deadLettersKnownSince(status))));
    showDeadLetters(lastDeadLetters(status).map((row) => ({ row, status, texts, format })));
  };
};

const list = <T>(id: string, create: () => RowView<Shown<T>>): ((rows: readonly Shown<T>[]) => void) => {
  const table = byId(id);
  const none = byId(`${id}-none`);
  const show = keyedList<Shown<T>>(byId(`${id}-rows`), ({ row }) => row.key, create);
  return (rows) => {
    setHidden(table, rows.length === 0);
    setHidden(none, rows.length > 0);
    show(rows);
  };
};

/** A device's name, and its ID with whatever else is worth a small line. Both come from outside: `bdi` keeps their direction to themselves. */
const deviceCell = () => {
  const name = element("bdi", "name");
  const id = element("bdi");
  const rest = element("span");
  const root = element("th", "device", name, element("span", "small", id, rest));
  root.scope = "row";
  return {
    root,
    update(deviceName: string | null, deviceId: string | null, more: string, texts: Texts): void {
      const shown = deviceName ?? deviceId ?? texts.unknownDevice;
      setText(name, shown);
      setAttribute(name, "title", shown);
      const hasBoth = deviceName !== null && deviceId !== null && deviceName !== deviceId;
      setText(id, hasBoth ? deviceId : "");
      setText(rest, hasBoth ? ` · ${more}` : more);
    },
  };
};

const windowRow = (): RowView<Shown<WindowStatus>> => {
  const device = deviceCell();
  const count = element("span");
  const critical = element("span", "tag");
  const left = element("span");
  const filled = bar();
  return {
    root: element(
      "tr",
      "",
      device.root,
      element("td", "number", count, critical),
      element("td", "left", left, filled.root),
    ),
    update({ row: { item }, status, texts, format }) {
      const place = texts.partitionShort(String(item.partition));
      device.update(item.deviceName, item.deviceId, place, texts);
      setText(count, format.number(item.alerts));
      setHidden(critical, !item.critical);
      setText(critical, texts.critical);
      const now = Date.parse(status.time);
      const start = Date.parse(item.windowStart);
      const end = Date.parse(item.windowEnd);
      const seconds = (end - now) / 1_000;
      if (seconds > 0) setText(left, texts.left(format.countdown(seconds)));
      else setText(left, seconds > -BEHIND_SECONDS ? texts.closing : texts.catchingUp(format.duration(-seconds)));
      setFill(filled.fill, (now - start) / (end - start));
    },
  };
};

const mailRow = (): RowView<Shown<MailStatus>> => {
  const time = element("td", "time");
  const device = deviceCell();
  const count = element("td", "number");
  const word = element("span", "word");
  const small = element("bdi", "small");
  const outcome = element("td", "outcome", element("span", "", sign(), word), small);
  return {
    root: element("tr", "", time, device.root, count, outcome),
    update({ row: { item }, texts, format }) {
      setText(time, format.time(item.at));
      const place = texts.partitionShort(String(item.partition));
      device.update(item.deviceName, item.deviceId, place, texts);
      setText(count, format.number(item.alerts));
      setText(word, texts.outcome[item.outcome] ?? item.outcome);
      setAttribute(outcome, "data-outcome", item.outcome);
      const facts = [
        item.seconds === null ? "" : texts.latency(format.latency(item.seconds)),
        item.attempts > 1 ? texts.attempt(format.number(item.attempts)) : "",
        coded(item.reason ?? "", texts),
      ];
      setText(small, facts.filter((fact) => fact !== "").join(" · "));
    },
  };
};

const deadLetterRow = (): RowView<Shown<DeadLetterStatus>> => {
  const time = element("td", "time");
  const device = deviceCell();
  const reason = element("span", "word");
  const detail = element("bdi", "small");
  // Text of its own, so that a double click takes it whole.
  const position = element("code", "position");
  return {
    root: element(
      "tr",
      "",
      time,
      device.root,
      element("td", "position", position),
      element("td", "outcome", reason, detail),
    ),
    update({ row: { item }, texts, format }) {
      setText(time, format.time(item.at));
      const place = texts.letter(texts.words[item.kind] ?? item.kind, String(item.partition), String(item.offset));
      device.update(null, item.deviceId, place, texts);
      setText(reason, `${texts.words[item.stage] ?? item.stage}: ${coded(item.reason, texts)}`);
      setText(detail, item.detail);
      setText(position, item.position ?? "");
    },
  };
};
