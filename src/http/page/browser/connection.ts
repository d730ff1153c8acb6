/**
 * The event stream. An EventSource comes back by itself from a cut, but not from an answer that is no stream (a proxy's
 * 502, "too many event streams"), nor from one that is silent for ever; this does.
 */

import type { GroupStatus } from "../../status-shape.js";

export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "lost"; readonly since: Date };

/** Events come every second. A proxy that cuts long streams, and the return within 2 s, go unnoticed. */
const LOST_MS = 4_000;
const SILENT_MS = 12_000;
const RETRY_MS = 2_000;
const WATCH_MS = 500;

export const connect = (
  url: string,
  onStatus: (status: GroupStatus) => void,
  onConnection: (connection: Connection) => void,
): void => {
  let source: EventSource | undefined;
  let state: Connection["kind"] = "connecting";
  let heardAt = Date.now();
  let openedAt = 0;
  let shownAt = 0;

  const open = (): void => {
    source?.close();
    openedAt = Date.now();
    source = new EventSource(url);
    source.addEventListener("message", ({ data }: MessageEvent<string>) => {
      // First what it tells: a status that cannot be shown must not make the page look live.
      onStatus(JSON.parse(data) as GroupStatus);
      heardAt = Date.now();
      if (state === "live") return;
      state = "live";
      onConnection({ kind: "live" });
    });
  };

  const watch = (): void => {
    const now = Date.now();
    if (document.hidden) return;
    if (now - Math.max(heardAt, shownAt) > LOST_MS && state !== "lost") {
      state = "lost";
      onConnection({ kind: "lost", since: new Date(heardAt) });
    }
    const isClosed = source === undefined || source.readyState === EventSource.CLOSED;
    const isSilent = now - Math.max(heardAt, openedAt) > SILENT_MS;
    if ((isClosed && now - openedAt > RETRY_MS) || isSilent) open();
  };

  // A tab that nobody sees holds no stream: browsers and the server have few of them.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
    } else {
      shownAt = Date.now();
      open();
    }
  });
  setInterval(watch, WATCH_MS);
  open();
};
