/** `WINDOW_*`, `CATCH_UP*` and what else decides which alerts become one mail. */

import type { EnvReader } from "./reader.js";
import { CATCH_UP_MODES, type Config, DIGEST_BY, URGENT_SEVERITIES } from "./shape.js";
import { duration, growingDurations, integer, oneOf } from "./values.js";
import { variables, withDefault } from "./variable.js";

export const DIGEST = variables({
  WINDOW_SIZE: withDefault(duration("100ms", "24h"), {
    says: "length of a device's window",
    more: "All windows begin at a multiple of it since 1970, so `30s` means :00 and :30.",
    default: "30s",
  }),
  WINDOW_GRACE: withDefault(duration("0ms", "1h"), {
    says: "how long after its end a window takes alerts",
    more: "An alert that comes later joins the device's open window and is marked late.",
    default: "2s",
  }),
  CATCH_UP: withDefault(oneOf(CATCH_UP_MODES), {
    says: "mails of windows that had to wait",
    more: "`merge`: a device's waiting windows leave as one mail once the oldest ended `CATCH_UP_AFTER` ago. `separate`: one mail per window, always.",
    default: "merge",
  }),
  CATCH_UP_AFTER: withDefault(duration("0ms", "168h"), {
    says: "how long windows wait before they are merged",
    default: "5m",
  }),
  DIGEST_BY: withDefault(oneOf(DIGEST_BY), {
    says: "what one mail is about",
    more: "`recipient`: one mail for each recipient and window, about all devices.",
    default: "device",
    example: "recipient",
    readBy: ["preview"],
  }),
  RECIPIENT_MAX_MAILS: withDefault(integer(0, 1_000_000), {
    says: "most mails that a recipient gets of one window",
    more: "More mails become one. 0: no limit. See [storms](storms.md).",
    default: "100",
    example: "20",
  }),
  REPEAT_INTERVALS: withDefault(growingDurations("100ms", "24h"), {
    says: "when a device that tells nothing new is mailed of again",
    more: "Its windows leave as one mail after each of these, the last one again and again. News leaves at once. See [repeats](windows.md#a-device-that-goes-on-firing).",
    default: "off",
    example: "5m,15m,1h",
  }),
  URGENT_SEVERITY: withDefault(oneOf(URGENT_SEVERITIES), {
    says: "alerts at least that severe leave at once",
    more: "There is at most one such early mail per device and window.",
    default: "off",
    example: "critical",
  }),
  FIRING_FORGET: withDefault(duration("1s", "168h"), {
    says: "how long a device may be silent about a type that fires",
    more: "Its next alert of that type begins a new fault: mails say *since* from there on.",
    default: "1h",
    example: "6h",
  }),
});

export const readDigestBy = (reader: EnvReader): Config["digest"]["by"] => reader.read(DIGEST.DIGEST_BY);

const readRepeatIntervals = (reader: EnvReader): readonly number[] | undefined => {
  const intervals = reader.read(DIGEST.REPEAT_INTERVALS);
  if (intervals !== undefined && reader.read(DIGEST.CATCH_UP) === "separate")
    reader.fail(
      DIGEST.REPEAT_INTERVALS,
      "it puts several windows into one mail, and CATCH_UP=separate wants a mail for each",
      {
        expected: "off, or CATCH_UP=merge",
      },
    );
  return intervals;
};

export const readDigest = (reader: EnvReader): Pick<Config, "window" | "catchUp" | "digest"> => {
  const urgent = reader.read(DIGEST.URGENT_SEVERITY);
  return {
    digest: {
      by: readDigestBy(reader),
      recipientMaxMails: reader.read(DIGEST.RECIPIENT_MAX_MAILS) || undefined,
      urgentSeverity: urgent === "off" ? undefined : urgent,
      firingForgetMs: reader.read(DIGEST.FIRING_FORGET),
      repeatIntervalsMs: readRepeatIntervals(reader),
    },
    window: { sizeMs: reader.read(DIGEST.WINDOW_SIZE), graceMs: reader.read(DIGEST.WINDOW_GRACE) },
    catchUp: { mode: reader.read(DIGEST.CATCH_UP), afterMs: reader.read(DIGEST.CATCH_UP_AFTER) },
  };
};
