/** JSON Pointers (RFC 6901), read once and followed often. */

export interface Pointer {
  readonly steps: readonly Step[];
}

interface Step {
  readonly name: string;
  /** What the name means in a list; −1: nothing. */
  readonly index: number;
}

/** `""` is the whole value. A text: why it is no pointer. */
export const parsePointer = (text: string): Pointer | string => {
  if (text === "") return { steps: [] };
  if (!text.startsWith("/")) return "it does not begin with /";
  if (text.length > LENGTH_MAX) return `it has ${text.length} characters, more than ${LENGTH_MAX}`;
  if (/~(?![01])/.test(text)) return "after ~ comes 0 or 1: ~0 is ~ and ~1 is /";
  const names = text.slice(1).split("/");
  if (names.length > STEPS_MAX) return `it has ${names.length} steps, more than ${STEPS_MAX}`;
  return { steps: names.map((name) => stepOf(name.replaceAll("~1", "/").replaceAll("~0", "~"))) };
};

const stepOf = (name: string): Step => ({ name, index: /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : -1 });

/** What stands there; undefined: nothing does. Own properties only. */
export const follow = ({ steps }: Pointer, value: unknown): unknown => {
  let at = value;
  for (const { name, index } of steps) {
    if (typeof at !== "object" || at === null) return undefined;
    if (Array.isArray(at)) at = index < 0 ? undefined : at[index];
    else at = Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined;
  }
  return at;
};

/** The value with something else at the pointer, where something stood. What it was given stays as it is. */
export const replaced = ({ steps }: Pointer, value: unknown, by: unknown, depth = 0): unknown => {
  const step = steps[depth];
  if (step === undefined) return by;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    if (step.index < 0 || step.index >= value.length) return value;
    return value.with(step.index, replaced({ steps }, value[step.index], by, depth + 1));
  }
  if (!Object.hasOwn(value, step.name)) return value;
  // Entries make `__proto__` a property like any other.
  const inner = replaced({ steps }, (value as Record<string, unknown>)[step.name], by, depth + 1);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, name === step.name ? inner : one]));
};

const LENGTH_MAX = 1_000;
const STEPS_MAX = 32;
