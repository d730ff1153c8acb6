/**
 * The mail server of a chaos run and the live half of its books. A mail counts from the moment the server has it, before the reply leaves: a client that
 * dies in between has sent it all the same, as with real servers.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "#tools/simulator/random.js";
import { type ReceivedMessage, type SmtpAction, type SmtpHooks, startSmtpServer } from "../support/smtp-server.js";
import type { AcceptedMail } from "./books.js";
import { ALERT_ID } from "./traffic.js";

/** A mail as far as its headers and its list tell; mails of many devices list no alerts. */
export interface SinkMail extends AcceptedMail {
  readonly to: readonly string[];
  /** Alerts in it, listed or not. */
  readonly count: number;
}

/** What happens to a mail after its final dot instead of an acceptance. */
export type AfterDot = "accept" | "take-and-drop" | { readonly code: number };

export interface Sink {
  readonly port: number;
  /** In the order they were taken. Forgotten by `begin`. */
  readonly mails: readonly SinkMail[];
  /** Mails whose connection was cut after they had been taken, and mails refused for good, since `begin`. */
  readonly droppedAfterDot: number;
  /** A new phase: `onSettled` is told of each alert that is in a mail, or refused for good, and when that was (epoch). */
  begin(onSettled: (alertId: string, atMs: number) => void): void;
  /** Decides about each mail. */
  afterDot(decide: (() => AfterDot) | undefined): void;
  /** Hooks of the other steps; `undefined` takes one back. */
  behave(hooks: Omit<SmtpHooks, "onMessage">): void;
  stallAll(): void;
  resume(): void;
  dropConnections(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Resolves at the next mail taken; rejects when aborted. */
  nextMail(signal: AbortSignal): Promise<void>;
  /** Resolves when every mail taken so far has been read. */
  read(): Promise<void>;
  close(): Promise<void>;
}

/** Without the first line, which quotes one that the list has too. */
const listOf = (text = ""): string => text.replace(/^.*/, "");

/** A mail takes as long as at a real server, so that some are in flight at any moment. */
const TAKE_MS = [5, 120] as const;
const REPLY_MS = [1, 60] as const;

/** Of the raw bytes: parsing a mail of ten megabytes takes seconds, in which nothing else is taken. */
export const rawHeader = (raw: Buffer, name: string): string => {
  const head = raw.toString("latin1", 0, raw.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
};

/** `isListed`: whether the alerts of a mail to these are read from its list; default: of every mail. */
export async function startSink(
  random: Random,
  isListed: (to: readonly string[]) => boolean = () => true,
): Promise<Sink> {
  let mails: SinkMail[] = [];
  let onSettled: (alertId: string, atMs: number) => void = () => {};
  let decide: (() => AfterDot) | undefined;
  let dropped = 0;
  let reading: Promise<unknown> = Promise.resolve();
  const waiting = new Set<() => void>();

  const note = (message: ReceivedMessage, taken: boolean): void => {
    const mail = {
      ...{ messageId: rawHeader(message.raw, "Message-ID"), deviceId: "", alertIds: [] as string[] },
      ...{ to: message.to, count: Number(rawHeader(message.raw, "X-Alert-Digest-Count")) },
    };
    const atMs = Date.now();
    if (taken) mails.push(mail);
    const settled = onSettled;
    const read = async (): Promise<void> => {
      if (!isListed(message.to)) return;
      const email = await message.parsed();
      mail.deviceId = (await message.header("X-Alert-Digest-Device")) ?? "";
      mail.alertIds.push(...new Set(listOf(email.text).match(ALERT_ID) ?? []));
      for (const id of mail.alertIds) settled(id, atMs);
    };
    reading = Promise.all([reading, read()]);
    for (const wake of waiting) wake();
  };

  const onMessage = async (message: ReceivedMessage): Promise<SmtpAction> => {
    await sleep(random.whole(...TAKE_MS));
    const what = decide?.() ?? "accept";
    if (typeof what === "object") {
      if (what.code >= 500) note(message, false);
      return { code: what.code };
    }
    note(message, true);
    await sleep(random.whole(...REPLY_MS));
    if (what === "accept") return undefined;
    dropped++;
    return "drop";
  };

  const server = await startSmtpServer({ keep: false, onMessage });
  return {
    port: server.port,
    get mails() {
      return mails;
    },
    get droppedAfterDot() {
      return dropped;
    },
    begin(listener) {
      mails = [];
      dropped = 0;
      onSettled = listener;
    },
    afterDot(next) {
      decide = next;
    },
    behave: (hooks) => server.behave(hooks),
    stallAll: () => server.stallAll(),
    resume: () => server.resume(),
    dropConnections: () => server.dropConnections(),
    stop: () => server.stop(),
    start: () => server.start(),
    nextMail: (signal) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          waiting.delete(end);
          signal.removeEventListener("abort", end);
          if (signal.aborted) reject(signal.reason);
          else resolve();
        };
        waiting.add(end);
        signal.addEventListener("abort", end);
        if (signal.aborted) end();
      }),
    read: async () => void (await reading),
    close: () => server.close(),
  };
}
