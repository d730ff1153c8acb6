import * as z from "zod";

const offset = z.int().nonnegative();

/** The value of a letter of kind `window`, as `kafka/dead-letters.ts` writes it. Only what is needed here; more fields are fine. */
const windowDocument = z.object({
  deviceId: z.string().min(1),
  topic: z.string().min(1),
  partition: offset,
  /** Inclusive runs, ascending. */
  offsets: z.array(z.tuple([offset, offset])),
  count: offset,
  /** Who will not have it; empty or absent: nobody had it. */
  recipients: z.array(z.looseObject({ address: z.string() })).optional(),
  /** It had come back for these only. */
  onlyTo: z.array(z.string()).optional(),
  /** `timestamp`: event time; the fields of the alert lie beside it. */
  alerts: z.array(z.looseObject({ offset, timestamp: z.int(), late: z.boolean(), deviceId: z.string() })),
});

export type WindowDocument = z.infer<typeof windowDocument>;

export type ParsedDocument =
  | { readonly ok: true; readonly document: WindowDocument }
  /** One line. */
  | { readonly ok: false; readonly problem: string };

export const parseWindowDocument = (value: Buffer): ParsedDocument => {
  let json: unknown;
  try {
    json = JSON.parse(value.toString("utf8"));
  } catch (error) {
    return wrong((error as Error).message);
  }
  const result = windowDocument.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    return wrong(`${issue?.path.join(".") || "the document"}: ${issue?.message}`);
  }
  const document = result.data;
  if (
    document.offsets.some(([first, last], index) => first > last || first <= (document.offsets[index - 1]?.[1] ?? -1))
  )
    return wrong("offsets: not ascending runs");
  if (document.alerts.some(({ deviceId }) => deviceId !== document.deviceId))
    return wrong("alerts: one is of another device");
  return { ok: true, document };
};

const wrong = (problem: string): ParsedDocument => ({
  ok: false,
  problem: `its document cannot be read: ${problem.split("\n")[0]}`,
});

/** The offsets of the window whose alerts the document does not have, as inclusive runs. */
export const unlistedRuns = ({ offsets, alerts }: WindowDocument): [number, number][] => {
  const listed = alerts.map((alert) => alert.offset).sort((a, b) => a - b);
  const runs: [number, number][] = [];
  let at = 0;
  for (const [first, last] of offsets) {
    let next = first;
    while (at < listed.length && (listed[at] as number) < first) at++;
    for (; at < listed.length && (listed[at] as number) <= last; at++) {
      const present = listed[at] as number;
      if (present > next) runs.push([next, present - 1]);
      next = present + 1;
    }
    if (next <= last) runs.push([next, last]);
  }
  return runs;
};
