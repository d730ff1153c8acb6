/**
 * Alerts that went back from the dead letters only to those who missed them. To the core they are of a device of their own: so they share no window
 * with what goes to everybody, and wait for nothing of it.
 */

import { bytesOf, type WrittenBytes, wholeOf } from "../core/partition-types.js";
import { type Addressing, everyoneOf } from "./ports.js";

/**
 * As the core names whose windows they are, in UTF-8, as the ID is given. A device ID that begins with what marks a lane is marked itself: no producer can
 * name somebody else's.
 */
export const laneOf = (device: WrittenBytes, onlyTo: readonly string[] | undefined): WrittenBytes => {
  const { memory, from, to } = device;
  if (onlyTo === undefined && (to === from || memory[from] !== MARK.charCodeAt(0))) return device;
  return wholeOf(Buffer.concat([Buffer.from(`${MARK}${onlyTo?.join(",") ?? ""}${MARK}`), bytesOf(device)]));
};

export const ofLane = (lane: string): { readonly deviceId: string; readonly onlyTo: readonly string[] | undefined } => {
  if (!lane.startsWith(MARK)) return { deviceId: lane, onlyTo: undefined };
  const end = lane.indexOf(MARK, MARK.length);
  const addresses = lane.slice(MARK.length, end);
  return { deviceId: lane.slice(end + MARK.length), onlyTo: addresses === "" ? undefined : addresses.split(",") };
};

const MARK = "\0";

/** Of those who are told now, the ones in `onlyTo`: who is not told of it any more, is not told again. */
export const restricted = (addressings: readonly Addressing[], onlyTo: readonly string[]): readonly Addressing[] => {
  const wanted = new Set(onlyTo.map((address) => address.toLowerCase()));
  const those = (list: readonly string[]): readonly string[] => list.filter((one) => wanted.has(one.toLowerCase()));
  return addressings
    .map((one) => ({ ...one, to: those(one.to), cc: those(one.cc), bcc: those(one.bcc) }))
    .filter((addressing) => everyoneOf(addressing).length > 0);
};
