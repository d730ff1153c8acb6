/**
 * Verifies a DKIM signature as a receiver does (RFC 6376 section 6, RFC 8463), relaxed/relaxed only. Shares nothing with what
 * signs: it reads bytes, as the specification has it, and knows no nodemailer.
 */

import { createHash, type KeyObject, verify } from "node:crypto";

export interface DkimResult {
  /** Undefined: the signature holds. Else why not. */
  readonly problem: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
  /** Lower case, in the order of `h=`. */
  readonly signedFields: readonly string[];
}

interface Field {
  readonly name: string;
  /** All after the colon, folded as it came; one character per byte. */
  readonly value: string;
}

/** Of the signature with this selector. `raw`: with CRLF line ends. */
export function verifyDkim(raw: Buffer, selector: string, publicKey: KeyObject): DkimResult {
  const text = raw.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const fields = fieldsOf(text.slice(0, end + 2));
  const body = text.slice(end + 4);
  const found = fields
    .filter(({ name }) => name === "dkim-signature")
    .map((field) => ({ field, tags: tagsOf(field.value) }))
    .find(({ tags }) => tags.get("s") === selector);
  if (found === undefined) return { problem: "no such signature", tags: new Map(), signedFields: [] };
  const { field, tags } = found;
  const signedFields = (tags.get("h") ?? "").toLowerCase().split(":");
  const problem = check();
  return { problem, tags, signedFields };

  function check(): string | undefined {
    if (tags.get("v") !== "1") return "not version 1";
    if (tags.get("c") !== "relaxed/relaxed") return "another canonicalization";
    if (!signedFields.includes("from")) return "From is not signed";
    const hash = createHash("sha256").update(relaxedBody(body), "latin1").digest("base64");
    if (hash !== tags.get("bh")) return "the body is not the signed one";
    // Section 5.4.2: fields of one name from the bottom up; one that is not there counts as nothing.
    const left = [...fields].reverse().filter((one) => one !== field);
    let data = "";
    for (const name of signedFields) {
      const index = left.findIndex((one) => one.name === name);
      const [one] = index < 0 ? [] : left.splice(index, 1);
      if (one !== undefined) data += `${name}:${relaxedValue(one.value)}\r\n`;
    }
    data += `dkim-signature:${relaxedValue(field.value.replace(/([;\s]b\s*=)[^;]*/, "$1"))}`;
    const signature = Buffer.from(tags.get("b") ?? "", "base64");
    const bytes = Buffer.from(data, "latin1");
    const holds =
      tags.get("a") === "ed25519-sha256"
        ? verify(null, createHash("sha256").update(bytes).digest(), publicKey, signature)
        : tags.get("a") === "rsa-sha256" && verify("sha256", bytes, publicKey, signature);
    return holds ? undefined : "the signature does not fit the header";
  }
}

const fieldsOf = (header: string): readonly Field[] =>
  header
    .split(/\r\n(?![ \t])/)
    .filter((line) => line !== "")
    .map((line) => ({
      name: line.slice(0, line.indexOf(":")).trim().toLowerCase(),
      value: line.slice(line.indexOf(":") + 1),
    }));

/** Section 3.2; white space inside a value is no part of it for the tags used here. */
const tagsOf = (value: string): ReadonlyMap<string, string> =>
  new Map(
    value.split(";").flatMap((tag) => {
      const at = tag.indexOf("=");
      return at < 0 ? [] : [[tag.slice(0, at).trim(), tag.slice(at + 1).replace(/\s/g, "")] as const];
    }),
  );

/** Section 3.4.2. */
const relaxedValue = (value: string): string =>
  value
    .replaceAll("\r\n", "")
    .replace(/[ \t]+/g, " ")
    .replace(/^ | $/g, "");

/** Section 3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.split("\r\n").map((line) => line.replace(/[ \t]+/g, " ").replace(/ $/, ""));
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  return lines.map((line) => `${line}\r\n`).join("");
}
