/** What a mail calls a device, and where its alerts come from: in its headers, its subject and its text. */

import type { Digest, FleetDigest } from "../runtime/ports.js";
import { cleanLine } from "./clean.js";

export const NAME_MAX = 256;
export const TYPE_MAX = 100;

/** The name a mail calls the device by: one line, with something to be seen in it. */
export function deviceNameOf({ deviceId, deviceName = "" }: Pick<Digest, "deviceId" | "deviceName">): string {
  return [deviceName, deviceId].map((name) => cleanLine(name, NAME_MAX)).find((name) => VISIBLE.test(name)) ?? "?";
}

/** More than zero-width characters, fillers and tags, of which an empty name can be made just as well as of spaces. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cf}]/u;

/** `topic/partition/first-last`, as the header X-Alert-Digest-Source has it. */
export const sourceOf = (digest: Pick<Digest, "topic" | "partition" | "firstOffset" | "lastOffset">): string =>
  `${digest.topic}/${digest.partition}/${digest.firstOffset}-${digest.lastOffset}`;

/** `a/3/1-9,b/0/4-4`, or "" where they would be too many. */
export const sourcesOf = ({ devices }: FleetDigest): string =>
  devices.length > SOURCES_MAX ? "" : devices.map(({ digest }) => sourceOf(digest)).join(",");

const SOURCES_MAX = 50;
