/** A record of `KAFKA_SENT_TOPIC` as it is read back: `sent-record.ts` writes it. Apart from it, for who only writes needs no zod. */

import * as z from "zod";
import { MUTE_KINDS } from "../runtime/ports.js";

const instant = z.iso.datetime().transform((text) => Date.parse(text));
const count = z.int().nonnegative();
const text = z.string().max(2_000);

const common = {
  version: z.literal(1),
  messageId: text.optional(),
  otherMessageIds: z.array(text).optional(),
  outcome: z.enum(["accepted", "dead_lettered", "presumed"]),
  recipients: z.array(text),
  presumed: z.array(text).optional(),
  failed: z.array(
    z.object({
      recipient: text,
      phase: text,
      reason: text,
      code: count.optional(),
      reply: text,
      detail: text.optional(),
    }),
  ),
  recipientsNotListed: count.optional(),
  reply: text,
  attempts: count,
  at: instant,
  group: text,
  instance: text,
};

const mailRecord = z.object({
  ...common,
  kind: z.literal("mail"),
  device: text,
  deviceName: z.string().optional(),
  window: z.tuple([instant, instant]),
  windowCount: count,
  repeats: count.optional(),
  part: z.enum(["early", "rest"]).optional(),
  topic: text,
  partition: count,
  offsets: z.tuple([count, count]),
  alerts: count,
  severities: z.object({ info: count, warning: count, critical: count }),
  devices: z.int().positive(),
  again: z.literal(true).optional(),
  more: z.literal(true).optional(),
  latencySeconds: z.number().nonnegative().optional(),
  windowEndToMailSeconds: z.number().nonnegative(),
});

const reportRecord = z.object({
  ...common,
  kind: z.literal("report"),
  day: z.iso.date(),
  period: z.tuple([instant, instant]),
  alerts: count,
});

const mutedRecord = z.object({
  ...common,
  outcome: z.literal("muted"),
  kind: z.literal("muted"),
  device: text,
  deviceName: z.string().optional(),
  how: z.enum(MUTE_KINDS),
  route: z.object({ number: count, name: z.string().optional() }),
  times: z.tuple([instant, instant]),
  topic: text,
  partition: count,
  offsets: z.tuple([count, count]),
  alerts: count,
  severities: z.object({ info: count, warning: count, critical: count }),
});

const sentRecord = z.discriminatedUnion("kind", [mailRecord, mutedRecord, reportRecord]);

/** Instants in milliseconds. */
export type SentMailRecord = z.infer<typeof mailRecord>;
export type SentReportRecord = z.infer<typeof reportRecord>;
export type SentMutedRecord = z.infer<typeof mutedRecord>;
export type SentRecord = SentMailRecord | SentMutedRecord | SentReportRecord;

export type ParsedSent =
  | { readonly ok: true; readonly record: SentRecord }
  /** One line. */
  | { readonly ok: false; readonly problem: string };

/** Whoever may write to the topic wrote it. Fields that are not known are passed over: a later version may have more. */
export const parseSent = (value: Buffer | null): ParsedSent => {
  if (value === null) return { ok: false, problem: "it has no value" };
  let json: unknown;
  try {
    json = JSON.parse(value.toString("utf8"));
  } catch {
    return { ok: false, problem: "it is no JSON" };
  }
  const parsed = sentRecord.safeParse(json);
  if (parsed.success) return { ok: true, record: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, problem: `${issue?.path.join(".") || "the record"}: ${issue?.message}` };
};

/** How late a mail was, in seconds. One of which all windows tell nothing new may have been held for longer than anybody waited. */
export const latenessOf = ({ repeats, windowCount, windowEndToMailSeconds }: SentMailRecord): number =>
  repeats === windowCount ? 0 : windowEndToMailSeconds;
