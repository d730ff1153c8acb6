/** What a mail about dead letters can say of one. Pure. */

import { SEVERITIES, type Severity } from "../core/alert.js";
import { atMost } from "../core/at-most.js";
import type { LetterFacts } from "../core/letter-news.js";
import type { DeadLetter } from "./dead-letter-queue.js";
import type { LetterPosition, RecordDeadLetter, WindowDeadLetter } from "./ports.js";
import { summaryOf } from "./summary.js";

export const letterFacts = (letter: DeadLetter, position: LetterPosition | undefined, atMs: number): LetterFacts => ({
  ...(letter.kind === "window" ? ofWindow(letter) : ofRecord(letter)),
  kind: letter.kind,
  stage: letter.stage,
  reason: letter.reason,
  detail: letter.detail,
  position: position === undefined ? undefined : `${position.partition}/${position.offset}`,
  atMs,
});

/** The worst of its alerts', or what the record says of itself; undefined: nobody can read it. */
export const severityOf = (letter: DeadLetter): Severity | undefined =>
  (letter.kind === "window" ? ofWindow(letter) : ofRecord(letter)).severity;

type Read = Pick<LetterFacts, "deviceId" | "severity" | "alerts" | "says">;

const ofWindow = ({ digest }: WindowDeadLetter): Read => {
  const { worst, headline } = summaryOf(digest);
  return { deviceId: digest.deviceId, severity: worst, alerts: digest.count, says: headline?.message ?? "" };
};

/** It is no alert, and may be JSON all the same: then what looks like a severity and a message is shown. */
const ofRecord = ({ key, device, value, severity }: RecordDeadLetter): Read => {
  const text = value.subarray(0, READ_MAX_BYTES).toString("utf8");
  const json = value.length <= READ_MAX_BYTES ? objectIn(text) : undefined;
  const message = json?.["message"];
  return {
    deviceId:
      (device && atMost(device, KEY_MAX_BYTES)) ??
      (key === null || key.length === 0 ? undefined : key.subarray(0, KEY_MAX_BYTES).toString("utf8")),
    severity: severity ?? severityIn(json),
    alerts: 1,
    says: typeof message === "string" && message.trim() !== "" ? message : atMost(text, SAYS_MAX),
  };
};

const objectIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

const severityIn = (json: Readonly<Record<string, unknown>> | undefined): Severity | undefined => {
  const written = json?.["severity"];
  const word = typeof written === "string" ? written.trim().toLowerCase() : "";
  return SEVERITIES.find((severity) => severity === word);
};

const READ_MAX_BYTES = 16 * 1024;
const KEY_MAX_BYTES = 256;
const SAYS_MAX = 200;
