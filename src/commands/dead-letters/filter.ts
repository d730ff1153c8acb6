import { readPlainJson } from "../../formats/plain-json.js";
import type { LetterFilter } from "./command.js";
import type { Letter } from "./letter.js";

/** All but `limit`, which counts what is left of several partitions. */
export const matches = (letter: Letter, filter: LetterFilter): boolean =>
  (filter.kind === undefined || letter.kind === filter.kind) &&
  (filter.stage === undefined || letter.stage === filter.stage) &&
  (filter.reason === undefined || letter.reason === filter.reason) &&
  (filter.sinceMs === undefined || letter.failedAtMs >= filter.sinceMs) &&
  (filter.untilMs === undefined || letter.failedAtMs < filter.untilMs) &&
  (filter.positions.length === 0 ||
    filter.positions.some(({ partition, offset }) => partition === letter.partition && offset === letter.offset)) &&
  (filter.device === undefined || isOf(letter, filter.device));

/** By the key, or by what the value says: one that has no key, or another one, is looked for by its device too. */
const isOf = (letter: Letter, device: string): boolean => {
  if (letter.device === device || letter.key?.toString("utf8") === device) return true;
  if (!letter.value.includes(JSON.stringify(device).slice(1, -1))) return false;
  const json = readPlainJson(letter.value);
  if (!json.ok || typeof json.value !== "object" || json.value === null) return false;
  const { deviceId } = json.value as { readonly deviceId?: unknown };
  return (typeof deviceId === "string" || typeof deviceId === "number") && String(deviceId) === device;
};

/** Oldest first. */
export const byAge = (a: Letter, b: Letter): number =>
  a.failedAtMs - b.failedAtMs || a.partition - b.partition || a.offset - b.offset;

/**
 * Oldest first, but the letters of one partition in the order of its records: a window is given up long after what came behind it was found to be bad, and a
 * limit that took that alone would leave the device with an older alert as its last one.
 */
export const byAgeInOrder = (letters: readonly Letter[]): readonly Letter[] => {
  const partitions = new Map<string, { readonly inOrder: Letter[]; next: number }>();
  for (const letter of letters) {
    const known = partitions.get(partitionOf(letter));
    if (known === undefined) partitions.set(partitionOf(letter), { inOrder: [letter], next: 0 });
    else known.inOrder.push(letter);
  }
  for (const { inOrder } of partitions.values()) inOrder.sort(bySource);
  return [...letters].sort(byAge).map((letter) => {
    const partition = partitions.get(partitionOf(letter)) as { readonly inOrder: Letter[]; next: number };
    return partition.inOrder[partition.next++] as Letter;
  });
};

const partitionOf = ({ source: { topic, partition } }: Letter): string => `${topic}/${partition}`;

/** As the alerts came: a device's letters are written back in the order of its alerts. */
export const bySource = (a: Letter, b: Letter): number =>
  a.source.partition - b.source.partition ||
  a.source.offset - b.source.offset ||
  a.partition - b.partition ||
  a.offset - b.offset;
