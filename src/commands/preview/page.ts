/** One file that shows a mail as its readers see it. Nothing is loaded from elsewhere but pictures a template asks for; nothing in the mail can run. */

import { createHash } from "node:crypto";
import { escapeHtml } from "../../mail/clean.js";
import type { Bodies } from "./bodies.js";

export interface PreviewedMail extends Bodies {
  readonly subject: string;
  /** As the header has it. */
  readonly from: string;
  readonly bytes: number;
  /** Who gets it, and why. */
  readonly told: readonly string[];
  /** What is not as the templates would have it. */
  readonly failures: readonly string[];
}

const FRAMES = [
  { name: "phone, light", width: 360, dark: false },
  { name: "desktop, light", width: 720, dark: false },
  { name: "phone, dark", width: 360, dark: true },
  { name: "desktop, dark", width: 720, dark: true },
] as const;

/** `data-ready` on the body: everything has its size, a picture can be taken. */
export const previewPage = (mail: PreviewedMail): string =>
  [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; script-src '${SCRIPT_HASH}'">`,
    `<title>${escapeHtml(mail.subject)}</title><style>${STYLE}</style></head><body>`,
    `<header><p>From ${escapeHtml(mail.from)}</p><h1 dir="auto">${escapeHtml(mail.subject)}</h1><p>${mail.bytes} bytes</p></header>`,
    ...(mail.told.length > 0 ? [`<pre class="told" dir="auto">${escapeHtml(mail.told.join("\n"))}</pre>`] : []),
    ...mail.failures.map((failure) => `<p class="failure" role="alert">${escapeHtml(failure)}</p>`),
    `<main>${FRAMES.map((frame) => figure(mail, frame)).join("\n")}</main>`,
    `<section><h2>Plain text</h2><pre dir="auto">${escapeHtml(mail.text)}</pre></section>`,
    `<script>${SCRIPT}</script></body></html>`,
    "",
  ].join("\n");

const figure = ({ html, subject }: PreviewedMail, { name, width, dark }: (typeof FRAMES)[number]): string =>
  `<figure style="width:${width}px"><figcaption>${name}, ${width} px</figcaption>` +
  // Without `allow-scripts` nothing in it runs; of the same origin, so that its height can be read.
  `<iframe sandbox="allow-same-origin" title="${escapeHtml(`${subject}: ${name}`)}" style="color-scheme:${dark ? "dark" : "light"}" srcdoc="${escapeHtml(inScheme(html, dark))}"></iframe></figure>`;

/** What the reader's system prefers is decided here, not by the system of who looks at the page. */
export const inScheme = (html: string, dark: boolean): string =>
  html.replace(/\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi, (_, scheme: string) =>
    (scheme.toLowerCase() === "dark") === dark ? "(min-width:0)" : "(max-width:0)",
  );

const STYLE = `
:root{color-scheme:light}
body{margin:0;padding:24px;background:#e9ebee;color:#1f2328;font:15px/1.5 system-ui,sans-serif}
header,section,main,.failure,.told{max-width:1112px;margin:0 auto 20px}
h1{margin:0;font-size:22px;overflow-wrap:anywhere}h2,figcaption{font-size:13px;font-weight:600;margin:0 0 6px}
header p{margin:0;color:#57606a;font-size:13px}
main{display:flex;flex-wrap:wrap;gap:24px;align-items:flex-start}
figure{margin:0;max-width:100%}
iframe{display:block;width:100%;height:480px;border:1px solid #b6bdc6;border-radius:6px}
pre{margin:0;padding:16px;background:#fff;border:1px solid #b6bdc6;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace}
.told{margin-bottom:20px}
.failure{padding:10px 14px;background:#fff1f0;border:1px solid #b3261e;border-radius:6px;color:#8c1d18;overflow-wrap:anywhere}
`;

const SCRIPT = `
addEventListener("load", () => {
  for (const frame of document.querySelectorAll("iframe")) {
    const root = frame.contentDocument?.documentElement;
    if (root) frame.style.height = Math.ceil(root.getBoundingClientRect().height) + 2 + "px";
  }
  document.body.dataset.ready = "";
});
`;

const SCRIPT_HASH = `sha256-${createHash("sha256").update(SCRIPT).digest("base64")}`;
