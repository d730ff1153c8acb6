import { eventually } from "./eventually.js";
import type { Product } from "./product.js";

/** Once the product's metrics of these names have these values. */
export const counted = async (product: Product, expected: Readonly<Record<string, number>>): Promise<void> => {
  let seen: unknown;
  await eventually(
    `it counts ${JSON.stringify(expected)}`,
    async () => {
      const metrics = await product.metrics();
      const now = Object.fromEntries(Object.keys(expected).map((name) => [name, metrics.value(name)]));
      seen = now;
      return Object.entries(expected).every(([name, value]) => now[name] === value);
    },
    { seen: () => seen },
  );
};
