/** Where a mail shows labels: those that all have in common once, the others beside what has them. */

import { cleanLine } from "./clean.js";
import type { DocumentLink } from "./document.js";

export type Labels = Readonly<Record<string, string>>;

/** Those that all of these have, with the same value. */
export function sharedLabels(all: readonly Labels[]): Labels {
  const [first, ...others] = all;
  if (first === undefined) return NONE;
  const shared = Object.entries(first).filter(([name, value]) => others.every((labels) => has(labels, name, value)));
  return shared.length === 0 ? NONE : Object.fromEntries(shared);
}

const NONE: Labels = {};

const has = (labels: Labels, name: string, value: string): boolean =>
  Object.hasOwn(labels, name) && labels[name] === value;

/**
 * `site=busan-2, rack=4`, without those of `shared`, and without those that `links` are made of; in at most `max` characters and some more, and how many there was no room for: `, +3`. "" where there
 * are none.
 */
export function labelsLine(
  labels: Labels,
  max: number,
  shared: Labels = NONE,
  links: readonly DocumentLink[] = [],
): string {
  const shown: string[] = [];
  let length = 0;
  let left = 0;
  for (const name in labels) {
    const value = labels[name] ?? "";
    if (has(shared, name, value) || links.some(({ url }) => url === value)) continue;
    const text = cleanLine(`${name}=${value}`, max);
    // The first one always: of a long one its beginning says something.
    if (left > 0 || (shown.length > 0 && length + text.length > max)) left += 1;
    else {
      shown.push(text);
      length += text.length + 2;
    }
  }
  return left > 0 ? `${shown.join(", ")}, +${left}` : shown.join(", ");
}

/** Characters of the line that a device has. */
export const DEVICE_LABELS_MAX = 400;

/** How many the line of an alert may have, in a mail that lists so many: it stays bounded, and below what Gmail cuts off. */
export const alertLabelsMax = (listed: number): number =>
  Math.min(200, Math.max(40, Math.floor(ALERTS_LABELS_MAX / Math.max(listed, 1))));

const ALERTS_LABELS_MAX = 16_000;
