/** An access token as text (RFC 6750 section 2.1), with or without a line's end. */

const LENGTH_MAX = 65_536;

/** What is wrong with the text of a token file, without quoting it; undefined: it is a token. */
export const tokenProblem = (text: string): string | undefined => {
  const token = text.trim();
  if (token === "") return "it is empty";
  // Anything else could end the line, or the message, that it is sent in.
  return token.length > LENGTH_MAX || !/^[\x21-\x7e]+$/.test(token)
    ? "it holds something other than a token"
    : undefined;
};

/** When a JSON Web Token says that it ends, in milliseconds; undefined: it does not say, or is none. Nothing is verified: that is the broker's part. */
export const tokenExpiry = (token: string): number | undefined => {
  const [, claims] = token.split(".");
  if (claims === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { exp?: unknown };
    return typeof exp === "number" && Number.isFinite(exp) ? exp * 1_000 : undefined;
  } catch {
    return undefined;
  }
};
