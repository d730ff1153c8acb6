import { type MailTexts, pluralsOf, type StatusFacts } from "../texts.js";

const plural = pluralsOf("en");
const alerts = (count: number): string => plural(count, { one: "alert", other: "alerts" });
const devices = (count: number): string => plural(count, { one: "device", other: "devices" });
const deadLetters = (count: number): string => plural(count, { one: "dead letter", other: "dead letters" });
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const status = ({ severity, state, since, until }: StatusFacts): string => {
  switch (state) {
    case "firing":
      return `${capital(severity)}, still firing since ${since}`;
    case "resolved":
      return `${capital(severity)}, resolved at ${until}${since === until ? "" : `, began at ${since}`}`;
  }
};

export const texts: MailTexts = {
  lang: "en",
  direction: "ltr",
  subject: (deviceName, count) => `[Alert] ${deviceName} - ${count} alerts`,
  constantSubject: (deviceName) => `[Alert] ${deviceName}`,
  severity: { critical: "critical", warning: "warning", info: "info" },
  state: { firing: "still firing", resolved: "resolved" },
  status,
  resolved: "resolved",
  late: "late",
  deviceClock: (written) => `device clock ${written}`,
  total: (count, counts) => `${alerts(count)}: ${counts}`,
  labels: {
    bySeverity: "By severity",
    byType: "By type",
    extreme: "Worst value",
    span: "First and last",
    window: "Window",
    marked: "Marked",
    timezone: "Times in",
    device: "Device",
    source: "Source",
  },
  marked: (resolved, late) =>
    [resolved > 0 ? `${resolved} resolved` : "", late > 0 ? `${late} late` : ""].filter(Boolean).join(", "),
  merged: (windowCount) =>
    `This mail holds ${plural(windowCount, { one: "window", other: "windows" })} that had been waiting.`,
  early:
    "Sent before the window's end, because an alert is urgent. What else comes in this window follows in another mail.",
  rest: (told) =>
    `${told === undefined ? "Earlier alerts" : told === 1 ? "The first alert" : `The first ${alerts(told)}`} of this window came in an urgent mail before. This one has what came after it.`,
  measured: (value, threshold) => `value ${value}${threshold === undefined ? "" : ` / threshold ${threshold}`}`,
  measuredShort: (value, threshold) => `${value}, threshold ${threshold}`,
  thresholdOnly: (threshold) => `threshold ${threshold}`,
  cut: (length) => ` … [cut: ${plural(length, { one: "character", other: "characters" })} in all]`,
  folded: (listed, folded) =>
    `This mail lists ${alerts(listed)} one by one. The other ${folded === 1 ? "one is" : `${folded} are`} not listed, only counted below.`,
  tooLong: "Fewer are listed than usual, so that the mail stays below its size limit.",
  csv: ({ rows, total, unread, noRoom }) => {
    const why = [
      unread > 0 ? `${unread} could not be read back` : "",
      noRoom > 0 ? `${noRoom} did not fit into this mail` : "",
    ];
    const what =
      rows === total
        ? `The attached CSV file holds ${total === 1 ? "the alert" : `all ${alerts(total)}`}`
        : rows > 0
          ? `The CSV file holds only ${rows} of ${alerts(total)}`
          : `No CSV file is attached for the ${alerts(total)}`;
    return `${[what, why.filter(Boolean).join(", ")].filter(Boolean).join(": ")}.`;
  },
  noType: "(no type)",
  otherTypes: "(other types)",
  fleet: {
    subject: (count, all) => `[Alert] ${count} devices - ${all} alerts`,
    constantSubject: () => "[Alert] Several devices",
    total: (count, all, counts) => `${devices(count)}, ${alerts(all)}: ${counts}`,
    title: (deviceName, others) =>
      `${deviceName} and ${plural(others, { one: "other device", other: "other devices" })}`,
    storm:
      "Too many devices told of alerts at once: the mails that you would have got are folded into this one. No alert is missing from its counts.",
    asked: "You get one mail for all devices: that is how it is set up.",
    device: (count, counts) => `${alerts(count)}: ${counts}`,
    merged: (windowCount) => `${windowCount} that had been waiting`,
    unlisted: (count, all, counts) =>
      `${devices(count)} not listed, so that the mail stays below its size limit, with ${alerts(all)}: ${counts}`,
  },
  report: {
    subject: (from, to, count, all) => `[Report] ${from} to ${to} - ${devices(count)}, ${alerts(all)}`,
    nothing: "There were no alerts in this time.",
    allTold: "Every mail was accepted for everybody.",
    notTold: (count) => `${deadLetters(count)}: somebody was not told of something.`,
    period: (from, to, zone) => `${from} to ${to} (times in ${zone})`,
    alerts: (count, critical) => `${alerts(count)}${critical > 0 ? ` (${critical} critical)` : ""}`,
    mails: (count) => `${plural(count, { one: "mail", other: "mails" })} accepted`,
    slowest: (seconds) => `slowest mail ${seconds} s after its window's end`,
    deadLetters: (count, unreadable) => {
      const records = plural(unreadable, { one: "record", other: "records" });
      return `${deadLetters(count)}${unreadable > 0 ? ` (${records} that could not be read)` : ""}`;
    },
    notListed: (count) =>
      `${plural(count, { one: "more device is", other: "more devices are" })} not listed; the totals have them.`,
    tooMany: (counted) => `There are more than ${counted} devices; beyond that only the totals have them.`,
    group: "Consumer group",
  },
};
