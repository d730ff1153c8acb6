import type { MailContents } from "../core/partition.js";
import { addFold, emptyFold, fold } from "../core/window.js";
import type { AlertCodec, Digest, ListedAlert } from "./ports.js";
import { foldedAlert } from "./summary.js";

/** Everything one device's mail says, of what the core holds of its windows: at most `maxListed` alerts parsed and listed, the rest counted. */
export function composeDigest(
  contents: MailContents,
  {
    maxListed,
    codec,
    onlyTo,
    ...source
  }: {
    readonly maxListed: number;
    readonly codec: AlertCodec;
    readonly topic: string;
    readonly partition: number;
    readonly deviceId: string;
    readonly onlyTo: readonly string[] | undefined;
    readonly windowCount: number;
  },
): Digest {
  const listed: ListedAlert[] = [];
  let folded = contents.folded;
  let deviceName: string | undefined;
  for (const entry of contents.entries) {
    const alert = codec.parse(entry.bytes);
    deviceName = alert.deviceName ?? deviceName;
    if (listed.length < maxListed) {
      listed.push({ offset: entry.offset, eventTime: entry.eventTime, late: entry.late, alert });
      continue;
    }
    // Several windows in one mail: together they hold more than a mail lists.
    if (folded === contents.folded) {
      folded = emptyFold();
      if (contents.folded !== undefined) addFold(folded, contents.folded);
    }
    fold(folded as NonNullable<typeof folded>, foldedAlert({ ...entry, alert }));
  }
  return {
    ...source,
    deviceName,
    windowStart: contents.windowStart,
    windowEnd: contents.windowEnd,
    idOffset: contents.idOffset,
    firstOffset: contents.firstOffset,
    lastOffset: contents.lastOffset,
    count: listed.length + (folded?.count ?? 0),
    listed,
    folded,
    ...(onlyTo === undefined ? {} : { onlyTo }),
    ...(contents.part === undefined ? {} : { part: contents.part }),
    ...(contents.toldEarly === undefined ? {} : { toldEarly: contents.toldEarly }),
  };
}
