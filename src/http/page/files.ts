import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** RFC 9110, 8.8.3. A browser asks each time and mostly hears 304: a new version is there at once. */
  readonly etag: string;
}

/**
 * Nothing but our own files, nothing inline, and no sink that makes markup or code of a string (Trusted Types: `innerHTML`
 * and its like throw). What an alert says can therefore only ever be text.
 */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** The build copies it (`tools/copy-page.mjs`). */
const ASSETS = new URL("./assets/", import.meta.url);
const MODULES = new URL("./browser/", import.meta.url);

/** All files of the live page by path, read once: `/`, its style sheet, its icon and its modules under `/page/`. */
export const readPageFiles = (): Readonly<Record<string, PageFile>> => {
  const modules = readdirSync(MODULES).filter((name) => name.endsWith(".js"));
  return {
    "/": file("text/html; charset=utf-8", new URL("index.html", ASSETS)),
    "/page/style.css": file("text/css; charset=utf-8", new URL("style.css", ASSETS)),
    "/page/icon.svg": file("image/svg+xml", new URL("icon.svg", ASSETS)),
    ...Object.fromEntries(
      modules.map((name) => [`/page/${name}`, file("text/javascript; charset=utf-8", new URL(name, MODULES))]),
    ),
  };
};

const file = (type: string, path: URL): PageFile => {
  const body = readFileSync(path);
  return { type, body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
};

/** Whether `If-None-Match` holds the tag, compared weakly (RFC 9110, 13.1.2). */
export const isUnchanged = (header: string | undefined, { etag }: PageFile): boolean =>
  header?.split(",").some((tag) => ["*", etag, `W/${etag}`].includes(tag.trim())) ?? false;
