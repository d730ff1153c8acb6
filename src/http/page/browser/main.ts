/** The page: events in, text out. */

import type { GroupStatus } from "../../status-shape.js";
import { type Connection, connect } from "./connection.js";
import { byId, setAttribute, setText } from "./dom.js";
import { createFormat, LANGUAGES, type Language } from "./format.js";
import { applyLanguage, preferredLanguage, rememberLanguage } from "./language.js";
import { createShowInstances } from "./show-instances.js";
import { createShowLists } from "./show-lists.js";
import { createShowPipeline } from "./show-pipeline.js";
import { createShowVerdict } from "./show-verdict.js";
import { TEXTS } from "./texts.js";
import { createVerdict, type Verdict } from "./verdict.js";

const start = (): void => {
  const judge = createVerdict();
  const showVerdict = createShowVerdict();
  const showPipeline = createShowPipeline();
  const showInstances = createShowInstances();
  const showLists = createShowLists();

  let status: GroupStatus | undefined;
  let verdict: Verdict | undefined;
  let connection: Connection = { kind: "connecting" };
  let texts = TEXTS.en;
  let format = createFormat("en");

  const show = (): void => {
    setAttribute(document.body, "data-connection", connection.kind);
    showVerdict(status, verdict, connection, texts, format);
    if (status === undefined) return;
    setText(byId("group"), texts.group(status.group, status.topic));
    setText(byId("live"), connection.kind === "live" ? texts.live(format.time(status.time)) : "");
    showPipeline(status, texts, format);
    showInstances(status, texts, format);
    showLists(status, texts, format);
  };

  const speak = (language: Language): void => {
    texts = TEXTS[language];
    format = createFormat(language);
    applyLanguage(language);
    setText(byId("zone"), texts.zone(Intl.DateTimeFormat().resolvedOptions().timeZone));
    show();
  };

  for (const language of LANGUAGES) {
    byId(`language-${language}`).addEventListener("click", () => {
      rememberLanguage(language);
      speak(language);
    });
  }
  speak(preferredLanguage());
  connect(
    "api/events",
    (next) => {
      verdict = judge(next);
      status = next;
      show();
    },
    (next) => {
      connection = next;
      show();
    },
  );
};

start();
