/** The access token of `SMTP_OAUTH2_TOKEN_FILE`, read again at each login: whatever renews it writes the file, nobody tells us. */

import { FileTooLarge, readBounded } from "../bounded-file.js";

export interface AccessTokens {
  /** Rejects with a sentence that names the file and quotes nothing of it. */
  read(): Promise<string>;
  /** Those read last: a server may repeat one in its reply. */
  seen(): readonly string[];
}

const SEEN_MAX = 8;
const LENGTH_MAX = 16_384;
/** The longest token, and room for blanks. */
const FILE_BYTES_MAX = 32_768;

export function createAccessTokens(path: string): AccessTokens {
  const seen: string[] = [];
  return {
    async read() {
      const text = await readBounded(path, FILE_BYTES_MAX).catch((error: NodeJS.ErrnoException) => {
        const why = error instanceof FileTooLarge ? error.message : (error.code ?? "unknown error");
        // Without its code: the SMTP library would take it for one of the network's.
        throw new Error(`the file of the access token cannot be read: ${path} (${why})`);
      });
      const token = text.trim();
      if (token === "") throw new Error(`the file of the access token is empty: ${path}`);
      // RFC 6750 section 2.1; anything else could end the line that it is sent in.
      if (token.length > LENGTH_MAX || !/^[\x21-\x7e]+$/.test(token)) {
        throw new Error(`the file of the access token holds something else: ${path}`);
      }
      if (!seen.includes(token)) seen.unshift(token);
      seen.length = Math.min(seen.length, SEEN_MAX);
      return token;
    },
    seen: () => seen,
  };
}
