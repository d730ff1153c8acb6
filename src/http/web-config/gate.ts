/** Who comes in, as `HTTP_WEB_CONFIG_FILE` says at the time. */

import { createHash } from "node:crypto";
import type { Clock } from "../../runtime/clock.js";
import type { Logger } from "../../runtime/log.js";
import type { LoadedFile } from "../../yaml-file/document.js";
import { loggedErrors, ReloadedFile } from "../../yaml-file/reloaded-file.js";
import { addressOf, type Secure } from "../connections.js";
import { type Gate, text } from "../listener.js";
import { createBcrypt } from "./bcrypt.js";
import { Logins } from "./logins.js";
import { secureWith } from "./tls.js";
import type { WebConfig } from "./web-config.js";
import { type WebConfigDeps, webConfigReader } from "./web-config-file.js";

export interface WatchedGate extends Gate {
  start(): void;
  close(): Promise<void>;
}

/** `loaded`: what the file held at the start. The file and those that it names are read again; a change is for connections that come after it. */
export const createGate = (
  loaded: LoadedFile<WebConfig>,
  deps: WebConfigDeps & {
    readonly read: (path: string) => Promise<string>;
    readonly clock: Clock;
    readonly log: Logger;
  },
): WatchedGate => {
  const { read, clock, log } = deps;
  const { path } = loaded;
  // A certificate that was renewed is a change too: the digest of what the file names follows its text, as a comment.
  const whole = async (text: string): Promise<string> => {
    const digest = createHash("sha256");
    for (const name of file?.current.files ?? loaded.value.files) digest.update(await read(name).catch(() => ""));
    return `${text}\n# ${digest.digest("hex")}\n`;
  };
  let file: ReloadedFile<WebConfig> | undefined;
  let secure = secureOf(loaded.value);
  let closed = false;
  const bcrypt = createBcrypt();
  const logins = new Logins(bcrypt.verify);
  return {
    secure: (socket, ready) => secure(socket, ready),
    async refusal(request, response) {
      const { users } = file?.current ?? loaded.value;
      if (users.size === 0) return undefined;
      const verdict = await logins.check(request.headers.authorization, users, addressOf(request));
      if (verdict === "right") return undefined;
      if (verdict === "busy") {
        response.setHeader("retry-after", "1");
        return text(503, "too many logins are being looked at");
      }
      response.setHeader("www-authenticate", 'Basic realm="alert-digest", charset="UTF-8"');
      return text(401, "log in");
    },
    start() {
      void whole(loaded.text).then((text) => {
        if (closed) return;
        file = new ReloadedFile({
          loaded: { ...loaded, text },
          read: async () => whole(await read(path)),
          reader: webConfigReader(deps),
          clock,
          onChange: (result) => {
            if (!result.ok) {
              const fields = { file: path, ...loggedErrors(result.errors, (clean) => clean) };
              log.error(fields, "the changed web configuration is not usable: the one from before stays in force");
              return;
            }
            secure = secureOf(result.value);
            log.info(
              { file: path, tls: result.value.tls !== undefined, users: result.value.users.size },
              "web configuration reloaded",
            );
          },
        });
        file.start();
      });
    },
    async close() {
      closed = true;
      file?.close();
      await bcrypt.close();
    },
  };
};

const secureOf = ({ tls }: WebConfig): Secure =>
  tls === undefined ? (socket, ready) => ready(socket) : secureWith(tls);
