/**
 * What every HTML part is made in: one table and inline styles, for Outlook's Word engine knows nothing newer and other programs strip the style sheet;
 * nothing loaded from anywhere. The style sheet only darkens what is there, and Outlook's own attributes do it there.
 */

import type { Severity } from "../core/alert.js";
import { escapeHtml } from "./clean.js";

/** White text on these and on `GOOD` has a contrast of at least 4.5:1 (WCAG 2.1 AA), in both schemes. */
export const COLOURS: Readonly<Record<Severity, string>> = { critical: "#b3261e", warning: "#8a5a00", info: "#2f5f8f" };
export const GOOD = "#1b6e3c";

const FONTS = "-apple-system,'Segoe UI',Roboto,Arial,sans-serif";
/** Of a Latin font alone, Word's engine takes another one for what is not Latin: on old Windows one with serifs. */
const fontOf = (fonts: readonly string[]): string =>
  fonts.length === 0
    ? `font-family:${FONTS}`
    : `font-family:${fonts.map((font) => `'${font}'`).join(",")},${FONTS};mso-fareast-font-family:'${fonts[0]}'`;
const TABLE =
  "max-width:640px;margin:0 auto;background-color:#ffffff;color:#1f1f1f;border-collapse:separate;table-layout:fixed;word-wrap:break-word;overflow-wrap:anywhere;word-break:keep-all";
/** Of a cell of class `r`. */
export const CELL = "padding:12px 16px;border-top:1px solid #e0e0e0";
/** Attributes of an element that says less than its surroundings. */
export const MUTED = 'class="m" style="color:#595959"';
export const SMALL = 'class="m" style="color:#595959;font-size:14px"';
/** Of an anchor. */
export const LINK = 'class="l" style="color:#0b57d0"';

/** c: card, l: link, m: muted, n: note, r: row. `data-ogsc` and `data-ogsb` are what Outlook puts where it changed a colour itself. */
const STYLE = [
  ":root{color-scheme:light dark;supported-color-schemes:light dark}",
  "@media (prefers-color-scheme:dark){body{background-color:#101010!important}",
  ".c{background-color:#1c1c1e!important;color:#ececec!important}.m{color:#b4b4b4!important}.l{color:#9ec2ff!important}",
  ".r{border-top-color:#3a3a3c!important}.n{background-color:#332b12!important;color:#f3e3b3!important}}",
  "[data-ogsb] .c{background-color:#1c1c1e!important}[data-ogsc] .c{color:#ececec!important}",
  "[data-ogsc] .m{color:#b4b4b4!important}[data-ogsc] .l{color:#9ec2ff!important}[data-ogsb] .n{background-color:#332b12!important}[data-ogsc] .n{color:#f3e3b3!important}",
].join("\r\n");

export interface HtmlFrame {
  /** BCP 47. */
  readonly lang: string;
  readonly direction: "ltr" | "rtl";
  /** Of the language, before the usual ones. */
  readonly fonts: readonly string[];
  readonly title: string;
  /** What the list of mails shows beside the subject. */
  readonly preheader: string;
}

/** `rows`: `<tr>…</tr>` each, of one cell, escaped. */
export function htmlDocument({ lang, direction, fonts, title, preheader }: HtmlFrame, rows: readonly string[]): string {
  const font = fontOf(fonts);
  const start = `<!doctype html>\r\n<html lang="${lang}" dir="${direction}">\r\n${META}\r\n<title>${escapeHtml(title)}</title>\r\n${styledBody(font)}`;
  const hidden = `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(preheader)}</div>\r\n`;
  return `${start}${hidden}${card(font)}\r\n${rows.join("\r\n")}\r\n</table></body></html>\r\n`;
}

const META =
  '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">\r\n<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">';
const styledBody = (font: string): string =>
  `<style>${STYLE}</style></head>\r\n<body style="margin:0;padding:0;background-color:#f2f2f4;${font};font-size:16px;line-height:1.45">\r\n`;
const card = (font: string): string =>
  `<table role="presentation" class="c" width="100%" align="center" cellpadding="0" cellspacing="0" bgcolor="#ffffff" style="${TABLE};${font}">`;

/** `lines`: escaped. */
export const noteRow = (lines: readonly string[]): string =>
  `<tr><td class="n r" bgcolor="#fff6d9" style="${CELL};background-color:#fff6d9;color:#3d3000;font-size:15px">${lines.join("<br>\r\n")}</td></tr>`;

/** `lines`: escaped. */
export const footerRow = (lines: readonly string[]): string =>
  `<tr><td class="m r" style="${CELL};color:#595959;font-size:13px">${lines.join("<br>\r\n")}</td></tr>`;
