/** What Grafana does to an expression before it asks Prometheus. */

export type Values = Readonly<Record<string, string>>;

/** Of Grafana itself; `$__rate_interval` is four scrapes of the 15 s that the compose file sets. */
export const BUILT_IN: Values = { __rate_interval: "1m", __range: "1h", __interval: "15s" };

/** Throws on a variable that has no value. */
export const interpolate = (text: string, values: Values): string =>
  text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain ?? "";
    const value = values[name] ?? BUILT_IN[name];
    if (value === undefined) throw new Error(`no variable ${name} in ${text}`);
    return value;
  });
