/** Texts that have a secret in them. */

/**
 * A shorter one stands in ordinary words too: masking the password `mail` wherever it occurs would make every line unreadable, and show what it is. Short ones
 * are kept back by the fields that hold them.
 */
const SHORTEST_MASKED = 6;

/** Of these forms of secrets, those that are masked wherever they stand in a text. */
export const maskedInTexts = (forms: readonly string[]): readonly string[] =>
  forms.filter((form) => form.length >= SHORTEST_MASKED);

/** A text as it may be shown. `secrets`: longest first. */
export const withoutSecrets = (secrets: readonly string[]): ((text: string) => string) => {
  const masked = maskedInTexts(secrets);
  return (text) => masked.reduce((shown, secret) => shown.replaceAll(secret, "[redacted]"), text);
};
