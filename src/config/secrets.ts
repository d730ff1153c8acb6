/** Texts that nobody may see. */

/** A password in each form in which a library or a server may repeat it. */
export const formsOf = (password: string, username = ""): readonly string[] =>
  password === ""
    ? []
    : [
        password,
        encodeURIComponent(password),
        Buffer.from(password).toString("base64"),
        // RFC 4616: what AUTH PLAIN sends.
        Buffer.from(`\0${username}\0${password}`).toString("base64"),
        // RFC 6749 section 2.3.1: what the token endpoint is sent.
        Buffer.from(`${encodeURIComponent(username)}:${encodeURIComponent(password)}`).toString("base64"),
      ];

/** A URL with a login, and its password as it stands there and as it is. */
export const formsOfUrl = (url: string): readonly string[] => {
  const { password } = new URL(url);
  if (password === "") return [url];
  try {
    return [url, password, decodeURIComponent(password)];
  } catch {
    return [url, password];
  }
};
