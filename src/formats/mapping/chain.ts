/** The places at which one source looks. */

import { mayBeBlank } from "../scanned-text.js";
import type { Places } from "./places.js";
import type { Source } from "./scope.js";
import { shapeOf } from "./source-shape.js";
import { ABSENT, NUMBER, OTHER, PLAIN_NUMBER } from "./value-kinds.js";

/** In place of a place: nothing is there, or something that only the long way reads. */
export const NOTHING = -1;
export const UNKNOWN = -2;

/** The places that a source looks at, one after another. Undefined: it is made otherwise. */
export const chainOf = (source: Source, places: Places): readonly number[] | undefined => {
  const shape = shapeOf(source);
  const texts = shape?.kind === "place" ? [shape] : shape?.kind === "first" ? shape.sources.map(shapeOf) : [undefined];
  const chain = texts.map((one) => (one?.kind === "place" ? placeIn(one.text, places) : undefined));
  return chain.every((place) => place !== undefined) ? (chain as number[]) : undefined;
};

export const placeIn = (text: string, places: Places): number | undefined =>
  text.startsWith("/") || text.startsWith("#/") ? places.add(text.replace(/^#/, "")) : undefined;

/** The first place at which something is that is not blank. */
export const firstOf = (chain: readonly number[], places: Places): number => {
  for (let i = 0; i < chain.length; i++) {
    const place = chain[i] as number;
    const is = places.is[place];
    if (is === ABSENT) continue;
    if (is === NUMBER || is === PLAIN_NUMBER || is === OTHER) return place;
    const from = places.from[place] as number;
    if (from === places.to[place]) continue;
    return mayBeBlank(places.bytes, from) ? UNKNOWN : place;
  }
  return NOTHING;
};
