import { groupedCounts, type MailTexts, pluralsOf, type ReportDay, type StatusFacts } from "../texts.js";

const n = groupedCounts("en");
const plural = pluralsOf("en", n);
/** Of subjects: the count is bare. */
const bare = pluralsOf("en");
const ALERTS = { one: "alert", other: "alerts" };
const DEVICES = { one: "device", other: "devices" };
const WINDOWS = { one: "window", other: "windows" };
const DELAYED_WINDOWS = { one: "delayed window", other: "delayed windows" };
const alerts = (count: number): string => plural(count, ALERTS);
const devices = (count: number): string => plural(count, DEVICES);
const deadLetters = (count: number): string => plural(count, { one: "dead letter", other: "dead letters" });
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const dayOf = ({ month, day, weekday }: ReportDay): string => `${WEEKDAYS[weekday]} ${day} ${MONTHS[month - 1]}`;

const status = ({ severity, state, since, sinceKnown, until, beside }: StatusFacts): string => {
  if (beside > 0) {
    const types = plural(beside, { one: "other type", other: "other types" });
    return `${capital(severity)}, ${types} still firing${sinceKnown ? ` since ${since}` : ""}; resolved at ${until}`;
  }
  switch (state) {
    case "firing":
      return `${capital(severity)}, still firing${sinceKnown ? ` since ${since}` : `, first alert in this mail ${since}`}`;
    case "resolved":
      return `${capital(severity)}, resolved at ${until}${sinceKnown && since !== until ? `, began at ${since}` : ""}`;
  }
};

const REASONS = {
  "too-large": "too large",
  "not-utf8": "not UTF-8",
  "not-json": "not JSON",
  "not-an-alert": "not an alert",
  "key-mismatch": "key and device ID differ",
  "unknown-schema": "unknown schema",
  "unusable-schema": "unusable schema",
  "not-as-schema": "not as its schema says",
  "no-recipient": "no recipient",
  "render-failed": "the email could not be made",
  "connection-refused": "connection refused",
  "connection-lost": "connection lost",
  dns: "host name not found",
  timeout: "no reply in time",
  tls: "TLS failed",
  greeting: "wrong greeting",
  auth: "login failed",
  "sender-refused": "sender refused",
  "recipient-refused": "recipient refused",
  "recipient-deferred": "recipient deferred too long",
  "recipient-queue-full": "too much waited for the recipient",
  "too-many-recipients": "too many recipients",
  "message-refused": "message refused",
  "message-deferred": "message deferred too long",
  "service-unavailable": "service unavailable",
  protocol: "protocol error",
  policy: "the server refuses us",
};

export const texts: MailTexts = {
  lang: "en",
  direction: "ltr",
  fonts: [],
  tags: {
    alert: "[Alert]",
    critical: "[Critical]",
    warning: "[Warning]",
    info: "[Info]",
    resolved: "[Resolved]",
  },
  subject: (tag, deviceName, count) => `${tag} ${deviceName} - ${bare(count, ALERTS)}`,
  constantSubject: (tag, deviceName) => `${tag} ${deviceName}`,
  severity: { critical: "critical", warning: "warning", info: "info" },
  state: { firing: "still firing", resolved: "resolved" },
  status,
  others: (types) => `and ${plural(types, { one: "other type", other: "other types" })}`,
  resolved: "resolved",
  late: "late",
  deviceClock: (written) => `device clock ${written}`,
  count: n,
  total: (count, counts) => `${alerts(count)}: ${counts}`,
  labels: {
    bySeverity: "By severity",
    byType: "By type",
    span: "First/last alert",
    moment: "Time",
    window: "Window",
    marked: "Of these",
    device: "Device ID",
    source: "Kafka position",
    why: "Why you get this",
    livePage: "Live page",
  },
  worstValue: (severity) => (severity === undefined ? "Worst value" : `Worst ${severity} value`),
  range: (from, to) => `${from} – ${to}`,
  date: (date) => date,
  zones: {},
  marked: (resolved, late, repeats) =>
    [
      resolved > 0 ? `${n(resolved)} resolved` : "",
      late > 0 ? `${n(late)} late` : "",
      repeats > 0 ? `${plural(repeats, { one: "repeat", other: "repeats" })} of an alert ID` : "",
    ]
      .filter(Boolean)
      .join(", "),
  fields: {
    severity: "severity",
    status: "status",
    value: "value",
    threshold: "threshold",
    occurredAt: "device clock",
    labels: "labels",
  },
  unread: (fields) =>
    `Could not be read and is shown as written: ${fields.map(({ name, count }) => `${name} (${alerts(count)})`).join(", ")}.`,
  shortened: (count) =>
    `${alerts(count)} ${count === 1 ? "was" : "were"} too long to be kept whole: texts and labels are cut here. The whole record is in Kafka.`,
  merged: (windowCount) => `This email combines ${plural(windowCount, DELAYED_WINDOWS)}.`,
  combined: (windowCount) => `This email combines ${plural(windowCount, WINDOWS)}.`,
  repeats: (windowCount) => `Nothing new since the last email: this one combines ${plural(windowCount, WINDOWS)}.`,
  repeatsToo: (windows) =>
    `${plural(windows, WINDOWS)} that told nothing new ${windows === 1 ? "is" : "are"} in this email as well.`,
  early:
    "Sent before the window ended because of an urgent alert. Any further alerts in this window will follow in another email.",
  rest: (told) =>
    `${told === undefined ? "Earlier alerts" : told === 1 ? "The first alert" : `The first ${alerts(told)}`} in this window ${told === 1 ? "was" : "were"} sent earlier in an urgent email. This one has only what came later.`,
  measured: (value, threshold) => (threshold === undefined ? `value ${value}` : `${value} (threshold ${threshold})`),
  measuredShort: (value, threshold) => `${value}, threshold ${threshold}`,
  thresholdOnly: (threshold) => `threshold ${threshold}`,
  cut: (length) => ` … [truncated; ${plural(length, { one: "character", other: "characters" })} in total]`,
  folded: (listed, folded) =>
    `${alerts(listed)} ${listed === 1 ? "is" : "are"} listed individually; the other ${folded === 1 ? "one is" : `${n(folded)} are`} only counted below.`,
  notListed: (count) => `${alerts(count)} not listed`,
  tooLong: "Fewer alerts than usual are listed to keep this email within its size limit.",
  csv: ({ rows, total, unread, noRoom }) => {
    const why = [
      unread > 0 ? `${n(unread)} could not be read from Kafka again` : "",
      noRoom > 0 ? `${n(noRoom)} ${noRoom === 1 ? "was" : "were"} left out because of the email size limit` : "",
    ];
    const what =
      rows === total
        ? total === 1
          ? "The alert is in the attached CSV file, too"
          : `All ${alerts(total)} are in the attached CSV file`
        : rows > 0
          ? `The attached CSV file has only ${n(rows)} of ${alerts(total)}`
          : `No CSV file is attached for the ${alerts(total)}`;
    return `${[what, why.filter(Boolean).join(", ")].filter(Boolean).join(": ")}.`;
  },
  why: {
    route: (number, name) => `route ${number}${name === "" ? "" : ` (${name})`}`,
    everybody: "recipients where no route says otherwise (MAIL_TO)",
    database: "recipients database",
    several: "a route, the recipients database or MAIL_TO (not the same for all who get this)",
  },
  noType: "(no type)",
  otherTypes: "(other types)",
  fleet: {
    subject: (tag, count, all) => `${tag} ${bare(count, DEVICES)} - ${bare(all, ALERTS)}`,
    constantSubject: (tag) => `${tag} Several devices`,
    total: (count, all, counts) => `${devices(count)}, ${alerts(all)}: ${counts}`,
    title: (deviceName, others) =>
      `${deviceName} and ${plural(others, { one: "other device", other: "other devices" })}`,
    storm:
      "Many devices raised alerts at once, so your separate emails were combined into this one. Every alert is counted.",
    asked: "You are set up to receive one email for all devices.",
    device: (count, counts) => `${alerts(count)}: ${counts}`,
    merged: (windowCount, why) =>
      why === "delayed"
        ? `${plural(windowCount, DELAYED_WINDOWS)} combined`
        : `${plural(windowCount, WINDOWS)} combined${why === "repeats" ? ", nothing new" : ""}`,
    unlisted: (count, all, counts) =>
      `${devices(count)} (${alerts(all)}: ${counts}) ${count === 1 ? "is" : "are"} not listed because of the email size limit.`,
  },
  report: {
    subject: (day, notDelivered, count, all) =>
      `[Report] ${dayOf(day)}: ${notDelivered === 0 ? "all" : `${notDelivered} not`} delivered - ${bare(all, ALERTS)}, ${bare(count, DEVICES)}`,
    nothing: "There were no alerts in this period.",
    allTold: "Every email was accepted for every recipient.",
    notTold: (count) => `${deadLetters(count)}: some alerts did not reach every recipient.`,
    period: (from, to, zone) => `${from} to ${to} (${zone})`,
    alerts: (count, critical) => `${alerts(count)}${critical > 0 ? ` (${n(critical)} critical)` : ""}`,
    mails: (count) => `${plural(count, { one: "email", other: "emails" })} accepted`,
    slowest: (seconds) => `slowest email: ${seconds} s after its window ended`,
    noneMailed: "No email was to be sent: all alerts were muted.",
    reportOnly: (count) => `${n(count)} of them only in this report`,
    muted: (count) => `Muted: ${alerts(count)}, in no other number here`,
    allDeadLetters: (count) => deadLetters(count),
    deadLetters: (count) => deadLetters(count),
    unreadable: (count, reasons) =>
      `${plural(count, { one: "record", other: "records" })} could not be read: ${reasons}`,
    repairs: (fields, since) =>
      `Not written as documented: ${fields.join(", ")} (in what the reporting instance has read since ${since})`,
    repaired: (field, count) => `${field} ${plural(count, { one: "time", other: "times" })}`,
    notListed: (count) =>
      `${plural(count, { one: "more device is", other: "more devices are" })} not listed but included in the totals.`,
    tooMany: (counted) => `There are more than ${n(counted)} devices; the rest are counted in the totals only.`,
    group: "Consumer group",
  },
  letters: {
    subject: (count, critical) =>
      `[Dead letters] ${count} not delivered or not readable${critical > 0 ? `, ${critical} critical` : ""}`,
    headline: (count) => `${deadLetters(count)}: some alerts did not reach every recipient.`,
    period: (from, to, zone) => `Written from ${from} to ${to} (${zone})`,
    alerts: (count, critical) =>
      `${alerts(count)} in them${critical > 0 ? `; critical: ${deadLetters(critical)}` : ""}`,
    why: "Reasons",
    reasons: REASONS,
    devices: (count, more, named, others) =>
      `Devices: ${more ? "more than " : ""}${n(count)}: ${named}${others > 0 ? ` and ${others === 1 ? "1 other" : `${n(others)} others`}` : ""}`,
    noDevice: "no device",
    unknownSeverity: "Severity unknown",
    window: (count) => `a window with ${alerts(count)}`,
    record: "a record",
    notShown: (count) => `${deadLetters(count)} more are counted above and not shown here.`,
    look: "Look at them",
    redrive: "Send them again, once the cause is gone; without --dry-run it is done",
    group: "Consumer group",
    instance: "instance",
  },
};
