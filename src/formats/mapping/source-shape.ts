/** What a source is made of, for those who come to the same by another way. */

import type { Source } from "./scope.js";
import type { TimeForm } from "./words.js";

export type SourceShape =
  /** `text`: as the file has it. */
  | { readonly kind: "place"; readonly text: string }
  | { readonly kind: "template"; readonly parts: readonly TemplatePart[] }
  | { readonly kind: "first"; readonly sources: readonly Source[] }
  | { readonly kind: "always"; readonly value: unknown }
  /** `source` looks it up, `of` is what it looks up. */
  | { readonly kind: "table"; readonly of: Source; readonly look: (found: unknown) => unknown }
  | { readonly kind: "number"; readonly of: Source }
  | { readonly kind: "time"; readonly of: Source; readonly form: TimeForm }
  | { readonly kind: "named-texts"; readonly sources: readonly (readonly [name: string, source: Source])[] };

export interface TemplatePart {
  readonly fixed: string;
  readonly source: Source | undefined;
}

const SHAPES = new WeakMap<Source, SourceShape>();

export const withShape = (shape: SourceShape, source: Source): Source => {
  SHAPES.set(source, shape);
  return source;
};

/** Undefined: nobody says. */
export const shapeOf = (source: Source): SourceShape | undefined => SHAPES.get(source);
