/** `LOG_FORMAT=pretty`: a line of JSON as people read it, still one line: time, level, message, then `field=value`. */

/** Takes one JSON line with its line end; what is no such line comes back as it is. */
export const pretty = (line: string): string => {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  const { level, time, msg, ...fields } = entry;
  const head = `${time} ${String(level).toUpperCase().padEnd(5)} ${printable(String(msg))}`;
  const tail = Object.entries(fields).map(([name, value]) => `  ${printable(name)}=${show(value)}`);
  return `${head}${tail.join("")}\n`;
};

const show = (value: unknown): string =>
  printable(typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));

/** A terminal obeys control characters, and some change the order of what is read: a device's name must do neither. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
