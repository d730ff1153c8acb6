/** Which language: `?lang=`, what was chosen before, what the browser prefers, the first there is. */

import { setAttribute, setText } from "./dom.js";
import { LANGUAGES, type Language } from "./format.js";
import { type StaticTexts, TEXTS } from "./texts.js";

const STORED = "alert-digest.language";

const languageOf = (tag: string | null | undefined): Language | undefined => {
  const primary = tag?.toLowerCase().split("-")[0];
  return LANGUAGES.find((language) => language === primary);
};

export const preferredLanguage = (): Language => {
  const asked = languageOf(new URLSearchParams(location.search).get("lang"));
  return asked ?? languageOf(stored()) ?? firstKnown(navigator.languages) ?? LANGUAGES[0];
};

/** Remembers it where the browser lets us; `?lang=` goes, or it would win again at the next visit. */
export const rememberLanguage = (language: Language): void => {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // Storage is off: the choice holds until the page is left.
  }
  const url = new URL(location.href);
  url.searchParams.delete("lang");
  history.replaceState(null, "", url);
};

/** Puts the texts of a language into all elements with `data-text`. */
export const applyLanguage = (language: Language): void => {
  document.documentElement.lang = language;
  const texts = TEXTS[language].static;
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    setText(element, texts[element.dataset["text"] as keyof StaticTexts]);
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
    setAttribute(button, "aria-pressed", String(button.dataset["language"] === language));
  }
};

const stored = (): string | null => {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
};

const firstKnown = (tags: readonly string[]): Language | undefined => {
  for (const tag of tags) {
    const language = languageOf(tag);
    if (language !== undefined) return language;
  }
  return undefined;
};
