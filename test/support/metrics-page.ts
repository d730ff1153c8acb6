export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One scrape of `/metrics`. */
export interface MetricsPage {
  readonly text: string;
  readonly samples: readonly Sample[];
  /**
   * Sum of the samples with this name that carry at least these labels; undefined when there are none.
   * `name` without the prefix `alert_digest_` is found too.
   */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /**
   * Upper estimate of a histogram's quantile (0–1) over the matching series: linear within the bucket, as Prometheus'
   * `histogram_quantile` does it, and the highest finite bound above that. Undefined when nothing was observed.
   */
  quantile(name: string, q: number, labels?: Readonly<Record<string, string>>): number | undefined;
}

const PREFIX = "alert_digest_";
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

const unescapeLabel = (text: string): string => text.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));

const parseNumber = (text: string): number =>
  text === "+Inf" ? Number.POSITIVE_INFINITY : text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);

const parseSample = (line: string): Sample | undefined => {
  const [, name, labelText = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const labels: Record<string, string> = {};
  for (const [, key = "", text = ""] of labelText.matchAll(LABEL)) labels[key] = unescapeLabel(text);
  return { name, labels, value: parseNumber(value) };
};

/** Reads the Prometheus text format 0.0.4. */
export function parseMetrics(text: string): MetricsPage {
  const samples = text.split("\n").flatMap((line) => (line.startsWith("#") ? [] : (parseSample(line) ?? [])));
  const matching = (name: string, labels: Readonly<Record<string, string>>): Sample[] =>
    samples.filter(
      (sample) =>
        (sample.name === name || sample.name === PREFIX + name) &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  return {
    text,
    samples,
    value: (name, labels = {}) => {
      const found = matching(name, labels);
      return found.length === 0 ? undefined : found.reduce((sum, sample) => sum + sample.value, 0);
    },
    quantile: (name, q, labels = {}) => quantileOf(matching(`${name}_bucket`, labels), q),
  };
}

function quantileOf(buckets: readonly Sample[], q: number): number | undefined {
  const counts = new Map<number, number>();
  for (const { labels, value } of buckets) {
    const bound = parseNumber(labels["le"] ?? "");
    counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  let below = 0;
  let lower = 0;
  for (const [bound, count] of sorted) {
    if (count >= q * total) {
      return bound === Number.POSITIVE_INFINITY
        ? lower
        : lower + ((bound - lower) * (q * total - below)) / (count - below);
    }
    below = count;
    lower = bound;
  }
  return undefined;
}
