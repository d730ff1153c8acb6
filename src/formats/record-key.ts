import { isUtf8 } from "node:buffer";

/** A record's key as text. */
export interface RecordKey {
  readonly text: string;
  /** Without the quotes of a JSON text; absent: it has none. */
  readonly unquoted?: string;
  /** Its bytes are no text otherwise, and name no device. */
  readonly isUtf8: boolean;
}

export const keyOf = (key: Buffer | null): RecordKey | undefined => {
  if (key === null) return undefined;
  const text = key.toString("utf8");
  return { text, isUtf8: isUtf8(key), ...unquoted(text) };
};

/** Does the key name this device? One may have quotes in its ID. */
export const namesDevice = (key: RecordKey, deviceId: string): boolean =>
  key.isUtf8 && (key.text === deviceId || key.unquoted === deviceId);

const unquoted = (text: string): Pick<RecordKey, "unquoted"> => {
  // Nearly always.
  if (!text.includes('"')) return {};
  if (!/^\s*".*"\s*$/s.test(text)) return {};
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "string" ? { unquoted: json } : {};
  } catch {
    return {};
  }
};

/** The device that a key names where the record does not; undefined: it names none. */
export const deviceIn = (key: RecordKey | undefined): string | undefined =>
  key?.isUtf8 === true ? (key.unquoted ?? key.text) || undefined : undefined;

/** What names the device in a key that is more than a text: of an object with one field that field. */
export const soleField = (content: unknown): unknown => {
  if (typeof content !== "object" || content === null || Array.isArray(content)) return content;
  const fields: unknown[] = Object.values(content);
  return fields.length === 1 ? fields[0] : content;
};
