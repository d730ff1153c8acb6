import type { HoldId } from "./commit-frontier.js";
import { isSame } from "./delivered.js";
import type { DeviceWindows } from "./device-windows.js";
import type { Effect, PendingMail } from "./partition-types.js";
import type { Replay } from "./replay.js";
import type { WallTime } from "./time.js";
import { isEarlyPart, type Window } from "./window.js";

/** Which closed windows leave as mails: each device's oldest, one after the other, and none while a replay holds them back. */
export class DueMails {
  readonly #windows: DeviceWindows;
  readonly #replay: Replay;
  readonly #windowSizeMs: number;
  readonly #catchUpAfterMs: number;
  readonly #mails = new Map<HoldId, PendingMail>();

  constructor(
    windows: DeviceWindows,
    replay: Replay,
    { windowSizeMs, catchUpAfterMs }: { readonly windowSizeMs: number; readonly catchUpAfterMs: number },
  ) {
    this.#windows = windows;
    this.#replay = replay;
    this.#windowSizeMs = windowSizeMs;
    this.#catchUpAfterMs = catchUpAfterMs;
  }

  get(id: HoldId): PendingMail | undefined {
    return this.#mails.get(id);
  }

  /** It needs nothing more. */
  remove(id: HoldId): void {
    this.#mails.delete(id);
  }

  /** The mail of a window that was just closed, unless it has to wait. */
  of(window: Window): Effect[] {
    const isNext = !this.#replay.holdsBack && this.#windows.oldest(window.deviceId) === window;
    return isNext ? [this.#mail([window])] : [];
  }

  /** The device's next mail, as the one before is out of its way. */
  next(deviceId: string, now: WallTime): Effect[] {
    const waiting = this.#waiting(deviceId, now);
    return waiting.length === 0 ? [] : [this.#mail(waiting)];
  }

  /** The replay is over, if there was one: after these effects, each device's mail that it held back. */
  releaseAfter(effects: Effect[], now: WallTime): Effect[] {
    if (!this.#replay.holdsBack) return effects;
    this.#replay.end();
    const mails = [...this.#windows]
      .filter((window) => this.#windows.oldest(window.deviceId) === window && window.state === "closed")
      .sort((a, b) => a.bucket.start - b.bucket.start)
      .map(({ deviceId }) => this.#mail(this.#waiting(deviceId, now)));
    return [...effects, ...mails];
  }

  #mail(windows: readonly Window[]): Effect {
    const first = windows[0] as Window;
    for (const window of windows) window.state = "mailing";
    const mail: PendingMail = {
      id: first.hold,
      deviceId: first.deviceId,
      windows,
      critical: windows.some((window) => window.critical || isEarlyPart(window)),
      commitFirst: windows.length > 1 || first.lateByWallClock,
    };
    this.#mails.set(mail.id, mail);
    return { kind: "mail", mail };
  }

  /**
   * The device's next closed window; all of them, once the oldest ended over `catchUpAfterMs` ago. But none that some recipients have together with
   * one they do not have: in one mail they would get it again.
   */
  #waiting(deviceId: string, now: WallTime): Window[] {
    const oldest = this.#windows.oldest(deviceId);
    if (oldest === undefined || oldest.state !== "closed") return [];
    const waiting = [oldest];
    if (now - (oldest.bucket.start + this.#windowSizeMs) <= this.#catchUpAfterMs) return waiting;
    for (let window = oldest.next; window !== oldest && window.state === "closed"; window = window.next) {
      if (!isSame(window.delivered, oldest.delivered)) break;
      waiting.push(window);
    }
    return waiting;
  }
}
