/** How fast something grows, over stretches that may lie at different heights. Pure. */

export interface Point {
  readonly hours: number;
  readonly value: number;
  /** Points of one group lie on one line; the lines of all groups are parallel. In each group the points are in the order of time. */
  readonly group: string;
}

export interface Slope {
  /** Value an hour. */
  readonly perHour: number;
  /** Half the width of the interval that holds the true slope with a probability of 95 %. */
  readonly plusMinus: number;
  readonly points: number;
}

/** Two points of each group are no line yet that says how far it may be off. */
const FEWEST_FREE = 3;

/**
 * Least squares with one slope for all groups. Neighbouring samples of memory resemble each other, so they say less than as many independent ones: the
 * interval is widened by what the residuals of neighbours have in common. Undefined with too few points.
 */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const groups = grouped(points).filter(({ length }) => length > 1);
  const centred = groups.map(aroundMean);
  const count = groups.reduce((sum, { length }) => sum + length, 0);
  const free = count - groups.length - 1;
  const all = centred.flat();
  const spread = all.reduce((sum, { t }) => sum + t * t, 0);
  if (free < FEWEST_FREE || spread === 0) return undefined;
  const perHour = all.reduce((sum, { t, y }) => sum + t * y, 0) / spread;
  const residuals = centred.map((group) => group.map(({ t, y }) => y - perHour * t));
  const squares = residuals.flat().reduce((sum, residual) => sum + residual * residual, 0);
  const likeness = squares === 0 ? 0 : Math.min(0.95, Math.max(0, products(residuals) / squares));
  const error = Math.sqrt((squares / free / spread) * ((1 + likeness) / (1 - likeness)));
  return { perHour, plusMinus: studentQuantile(free) * error, points: count };
}

function grouped(points: readonly Point[]): Point[][] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const group = groups.get(point.group);
    if (group === undefined) groups.set(point.group, [point]);
    else group.push(point);
  }
  return [...groups.values()];
}

function aroundMean(group: readonly Point[]): { t: number; y: number }[] {
  const mean = (of: (point: Point) => number): number =>
    group.reduce((sum, point) => sum + of(point), 0) / group.length;
  const [t, y] = [mean(({ hours }) => hours), mean(({ value }) => value)];
  return group.map(({ hours, value }) => ({ t: hours - t, y: value - y }));
}

/** Sum of the products of neighbours. */
const products = (residuals: readonly (readonly number[])[]): number =>
  residuals.reduce((sum, group) => {
    let own = 0;
    for (let at = 1; at < group.length; at++) own += (group[at] as number) * (group[at - 1] as number);
    return sum + own;
  }, 0);

/** The 97.5 % quantile of Student's distribution, by the Cornish-Fisher expansion: within 2 % from 3 degrees of freedom on. */
export function studentQuantile(free: number): number {
  const z = 1.959964;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return terms.reduce((sum, term, at) => sum + term / free ** (at + 1), z);
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};
