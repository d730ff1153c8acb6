/** Parsers of single values. Each says what it takes, so that every error can. */

import { shownSetting } from "./errors.js";

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export interface ValueParser<T> {
  readonly expected: string;
  /** All texts that it takes, where they are few. */
  readonly words?: readonly string[];
  /** `problem` may quote the text, except in parsers of secrets, which never do. */
  parse(text: string): Parsed<T>;
}

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const wrong = (problem: string): Parsed<never> => ({ ok: false, problem });

/** C0 and C1 controls and DEL: no name, address or path has them, and CR LF would open a header or a command. */
export const hasControlCharacter = (text: string): boolean => /[\p{Cc}\u2028\u2029]/u.test(text);

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `250ms` `30s` `15m` `4h` → milliseconds, within inclusive bounds that are written the same way. */
export const duration = (min: string, max: string): ValueParser<number> => {
  const [minMs, maxMs] = [durationMs(min) ?? 0, durationMs(max) ?? 0];
  return {
    expected: `a duration from ${min} to ${max}: a whole number and ms, s, m or h`,
    parse(text) {
      const ms = durationMs(text);
      if (ms === undefined)
        return wrong(`${shownSetting(text)} is not a duration${/^\d+$/.test(text) ? " (the unit is missing)" : ""}`);
      return ms < minMs || ms > maxMs ? wrong(`${shownSetting(text)} is out of bounds`) : parsed(ms);
    },
  };
};

const durationMs = (text: string): number | undefined => {
  const match = /^(\d{1,12})(ms|s|m|h)$/.exec(text);
  return match ? Number(match[1]) * (DURATION_UNITS[match[2] ?? ""] ?? Number.NaN) : undefined;
};

/** `5m,15m,1h`, none shorter than the one before, or `off` → milliseconds; undefined: off. */
export const growingDurations = (min: string, max: string): ValueParser<readonly number[] | undefined> => {
  const entries = listOf(duration(min, max), "");
  return {
    expected: `off, or at most ${INTERVALS_MAX} durations from ${min} to ${max}, comma separated, none shorter than the one before`,
    parse(text) {
      if (text.toLowerCase() === "off") return parsed(undefined);
      const result = entries.parse(text);
      if (!result.ok) return result;
      const { value } = result;
      if (value.length > INTERVALS_MAX) return wrong(`it has ${value.length} entries`);
      const shrinks = value.findIndex((ms, index) => ms < (value[index - 1] ?? 0));
      if (shrinks < 0) return parsed(value);
      const [before, entry] = text.split(",").slice(shrinks - 1);
      return wrong(
        `entry ${shrinks + 1}: ${shownSetting(entry?.trim() ?? "")} is shorter than ${before?.trim()} before it`,
      );
    },
  };
};

const INTERVALS_MAX = 20;

const SIZE_UNITS: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** `512KB` `256MB` `2GB` → bytes. Units are powers of 1024, as memory is sold and as a container's limit counts it. */
export const size = (min: string, max: string): ValueParser<number> => {
  const [minBytes, maxBytes] = [sizeBytes(min) ?? 0, sizeBytes(max) ?? 0];
  return {
    expected: `a size from ${min} to ${max}: a whole number and KB, MB or GB (1 KB = 1024 bytes)`,
    parse(text) {
      const bytes = sizeBytes(text);
      if (bytes === undefined)
        return wrong(`${shownSetting(text)} is not a size${/^\d+$/.test(text) ? " (the unit is missing)" : ""}`);
      return bytes < minBytes || bytes > maxBytes ? wrong(`${shownSetting(text)} is out of bounds`) : parsed(bytes);
    },
  };
};

const sizeBytes = (text: string): number | undefined => {
  const match = /^(\d{1,9})(KB|MB|GB)$/.exec(text);
  return match ? Number(match[1]) * (SIZE_UNITS[match[2] ?? ""] ?? Number.NaN) : undefined;
};

export const integer = (min: number, max: number): ValueParser<number> => ({
  expected: `a whole number from ${min} to ${max}`,
  parse(text) {
    if (!/^-?\d{1,15}$/.test(text)) return wrong(`${shownSetting(text)} is not a whole number`);
    const value = Number(text);
    return value < min || value > max ? wrong(`${shownSetting(text)} is out of bounds`) : parsed(value);
  },
});

export const oneOf = <T extends string>(values: readonly T[]): ValueParser<T> => ({
  expected: `one of ${values.join(", ")}`,
  words: values,
  parse(text) {
    const value = values.find((candidate) => candidate === text.toLowerCase());
    return value === undefined ? wrong(`${shownSetting(text)} is not one of them`) : parsed(value);
  },
});

export const flag: ValueParser<boolean> = {
  expected: "true or false (also on, off, yes, no, 1, 0)",
  words: ["true", "false"],
  parse(text) {
    if (/^(true|on|yes|1)$/i.test(text)) return parsed(true);
    if (/^(false|off|no|0)$/i.test(text)) return parsed(false);
    return wrong(`${shownSetting(text)} is neither`);
  },
};

/** A name without control characters. */
export const name = (maxLength: number): ValueParser<string> => ({
  expected: `1 to ${maxLength} characters on one line`,
  parse(text) {
    if (hasControlCharacter(text)) return wrong("it contains a line break or another control character");
    return text.length > maxLength ? wrong(`it has ${text.length} characters`) : parsed(text);
  },
});

/** As the broker checks it (org.apache.kafka.common.internals.Topic). */
export const topicName: ValueParser<string> = {
  expected: "a topic name: 1 to 249 of the characters a-z A-Z 0-9 . _ -",
  parse(text) {
    return /^[a-zA-Z0-9._-]{1,249}$/.test(text) && text !== "." && text !== ".."
      ? parsed(text)
      : wrong(`${shownSetting(text)} is not a topic name`);
  },
};

export const timezone: ValueParser<string> = {
  expected: "an IANA time zone name",
  parse(text) {
    try {
      return parsed(new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone && text);
    } catch {
      return wrong(`${shownSetting(text)} is not a time zone that is known here`);
    }
  },
};

/** A secret's characters are its own business, but a line break in one is a file with something else in it. */
export const secretText: ValueParser<string> = {
  expected: "a secret on one line",
  parse(text) {
    return hasControlCharacter(text) ? wrong("it contains a line break or another control character") : parsed(text);
  },
};

/** RFC 6750 section 2.1: what may follow `Bearer`. Of the file that holds it. */
export const accessToken: ValueParser<string> = {
  expected: "an access token and nothing else",
  parse(text) {
    if (text === "") return wrong("it is empty");
    return /^[\x21-\x7e]+$/.test(text) ? parsed(text) : wrong("it holds something other than a token");
  },
};

/** Comma separated, spaces around an entry ignored; an empty entry is a mistake worth hearing of. */
export const listOf = <T>(entry: ValueParser<T>, expected: string): ValueParser<readonly T[]> => ({
  expected,
  parse(text) {
    const values: T[] = [];
    for (const [index, part] of text.split(",").entries()) {
      const result = part.trim() === "" ? wrong("it is empty") : entry.parse(part.trim());
      if (!result.ok) return wrong(`entry ${index + 1}: ${result.problem}`);
      values.push(result.value);
    }
    return parsed(values);
  },
});

/** Of a wrong list with an `@` anywhere no part is shown: it may be a login, whose password may have commas. */
export const hidingLogins = <T>(list: ValueParser<T>): ValueParser<T> => ({
  ...list,
  parse(text) {
    const result = list.parse(text);
    return result.ok || !text.includes("@") ? result : wrong(`${shownSetting(text)} is not right here`);
  },
});

export const yamlPath: ValueParser<string> = {
  expected: "the path of a YAML file",
  parse: (text) => (hasControlCharacter(text) ? wrong("it contains a control character") : parsed(text)),
};
