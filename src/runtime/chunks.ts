/** In groups of at most `size`, in order; none of nothing. */
export const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  items.length === 0
    ? []
    : items.length <= size
      ? [items]
      : Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
