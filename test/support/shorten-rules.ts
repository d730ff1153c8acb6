import { parse, stringify } from "yaml";

interface Rule {
  readonly expr: string;
  readonly for?: string;
}

interface Group {
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A rule file in which every duration is a `factor`th of what it was, so that a test need not wait for minutes: `for`, `interval`, ranges,
 * offsets, and the bounds that ages and lags in seconds are compared with. Everything else of the expressions stays as it is written.
 */
export function shortenRules(text: string, factor: number): string {
  const shorter = (duration: string): string =>
    duration.replace(/(\d+)(ms|[smhd])/g, (_, count: string, unit: string) => {
      return `${Math.max(1, Math.round((Number(count) * (UNITS_MS[unit] ?? 0)) / factor))}ms`;
    });
  const expression = (expr: string): string =>
    expr
      .replace(/\[[^\]]+\]/g, shorter)
      .replace(/\boffset \w+/g, shorter)
      .replace(
        /(_(?:age|lag)_seconds\) > )(\d+)/g,
        (_, before: string, bound: string) => before + Number(bound) / factor,
      );
  const { groups } = parse(text) as { groups: readonly Group[] };
  const shortened = groups.map((group) => ({
    ...group,
    ...(group.interval === undefined ? {} : { interval: shorter(group.interval) }),
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: expression(rule.expr),
      ...(rule.for === undefined ? {} : { for: shorter(rule.for) }),
    })),
  }));
  return stringify({ groups: shortened });
}
