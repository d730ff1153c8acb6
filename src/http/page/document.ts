/**
 * The page's markup: all that is there before the first event, with the places for the rest. Texts are English until the
 * script puts the reader's language in (`data-text`, see `browser/texts.ts`). Addresses are relative, so that the page also
 * works behind a proxy under a path of its own.
 */

const head = (columns: readonly (readonly [text: string, title: string, className?: string])[]): string =>
  `<thead><tr>${columns
    .map(
      ([key, title, className]) =>
        `<th scope="col"${className ? ` class="${className}"` : ""} data-text="${key}">${title}</th>`,
    )
    .join("")}</tr></thead>`;

const tile = (name: string, key: string, title: string): string =>
  `<li id="tile-${name}"><h3 data-text="${key}">${title}</h3><p class="figure" id="tile-${name}-number">–</p><p class="muted" id="tile-${name}-note">–</p></li>`;

const section = (id: string, key: string, title: string, caption: string, columns: string, none: string): string => `
<section class="card list" aria-labelledby="${id}-title">
<header><h2 id="${id}-title" data-text="${key}Title">${title}</h2><p class="muted" id="${id}-count"></p></header>
<table id="${id}" hidden><caption class="unseen" data-text="${key}Caption">${caption}</caption>${columns}<tbody id="${id}-rows"></tbody></table>
<p class="none" id="${id}-none" data-text="${none}"></p>
</section>`;

const DEVICE = ["device", "Device"] as const;
const ALERTS = ["alerts", "Alerts", "number"] as const;
const TIME = ["time", "Time"] as const;

export const DOCUMENT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>alert-digest</title>
<link rel="icon" href="page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="page/style.css">
<script type="module" src="page/main.js"></script>
</head>
<body data-connection="connecting">
<a class="skip" href="#main" data-text="skip">Skip to the state</a>
<header class="top">
<h1>alert-digest</h1>
<p class="muted" id="group"></p>
<p class="live"><span class="sign" aria-hidden="true"></span><span id="live"></span></p>
<div class="languages" role="group" aria-label="Language · 언어">
<button type="button" id="language-ko" data-language="ko" lang="ko">한국어</button>
<button type="button" id="language-en" data-language="en" lang="en">English</button>
</div>
</header>
<main id="main" tabindex="-1">
<noscript><p class="card">This page needs JavaScript; <a href="api/status">the same as JSON</a> does not. · 이 페이지에는 JavaScript가 필요합니다.</p></noscript>
<section id="verdict" data-level="unknown" aria-labelledby="headline">
<span class="sign" aria-hidden="true"></span>
<div>
<p id="headline" role="status" aria-live="polite"></p>
<p id="detail"></p>
<ul id="others" hidden></ul>
</div>
</section>
<section aria-labelledby="pipeline-title">
<h2 class="unseen" id="pipeline-title" data-text="pipelineTitle">From Kafka to mail</h2>
<ol class="pipeline">
${tile("unread", "unread", "Unread in Kafka")}
${tile("filling", "filling", "Windows filling")}
${tile("waiting", "waiting", "Waiting to be mailed")}
${tile("mailed", "mailed", "Mailed")}
${tile("dead", "deadLettered", "Dead letters")}
</ol>
</section>
<section aria-labelledby="instances-title">
<header><h2 id="instances-title" data-text="instancesTitle">Instances and their partitions</h2><p class="muted" id="sharing-note" hidden></p></header>
<p class="card trouble" id="unowned" hidden><strong data-text="unownedTitle">Partitions that no instance has</strong>: <span id="unowned-numbers"></span></p>
<div class="instances" id="instances"></div>
</section>
<div class="columns">
${section(
  "windows",
  "windows",
  "Windows filling up now",
  "Open windows with the most alerts",
  head([DEVICE, ALERTS, ["timeLeft", "Time left"]]),
  "noWindows",
)}
${section(
  "mails",
  "mails",
  "Mails leaving",
  "The last mails, newest first",
  head([TIME, DEVICE, ALERTS, ["outcome", "Outcome"]]),
  "noMails",
)}
</div>
${section(
  "dead-letters",
  "deadLetters",
  "Dead letters",
  "The last dead letters, newest first",
  head([TIME, DEVICE, ["letterPosition", "In the topic"], ["reason", "Reason"]]),
  "noDeadLetters",
)}
</main>
<footer>
<p id="zone"></p>
<p><a href="metrics" data-text="metrics">Metrics</a> · <a href="api/status" data-text="json">This page as JSON</a></p>
</footer>
</body>
</html>
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2457c5"/><path d="M7 10h18v13H7z" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round"/><path d="m7 11 9 7 9-7" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round"/></svg>
`;
