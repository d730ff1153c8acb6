/** How the test server's connections are steered: each command asks the hook of its step first. */

import { TLSSocket } from "node:tls";
import PostalMime, { decodeWords, type Email } from "postal-mime";
import type { SMTPServer, SMTPServerDataStream } from "smtp-server";
import type { Decision, ReceivedMessage, SmtpContext, SmtpHooks } from "./smtp-server-types.js";

/** One connection of `SMTPServer`, as far as it is steered here. */
export type ServerConnection = SMTPServer["connections"] extends Set<infer C> ? C : never;

/** What the steps need of the server. */
export interface StepEvents {
  /** The present ones. */
  hooks(): SmtpHooks;
  /** Answers the ordinal of the connection. */
  connected(): number;
  accepted(message: ReceivedMessage): void;
  /** Something happened that somebody may be waiting for. */
  changed(): void;
}

export function createSteps(events: StepEvents) {
  let allStalled = false;
  const resumers = new Set<() => void>();
  const ordinals = new WeakMap<object, number>();

  const untilResumed = () => new Promise<void>((resolve) => resumers.add(resolve));
  const cut = (connection: ServerConnection) => {
    connection._socket.destroy();
  };

  const contextOf = (connection: ServerConnection): SmtpContext => {
    const envelope = connection.session.envelope as typeof connection.session.envelope | undefined;
    return {
      connection: ordinals.get(connection) ?? 0,
      secure: connection.secure,
      resumed: connection._socket instanceof TLSSocket && connection._socket.isSessionReused(),
      helo: connection.hostNameAppearsAs || "",
      user: connection.session.user as string | undefined,
      from: envelope?.mailFrom ? envelope.mailFrom.address : "",
      to: envelope?.rcptTo.map((recipient) => recipient.address) ?? [],
    };
  };

  /** Runs a step: `proceed` unless the hook wants something else, `answered` after a reply of its own. */
  async function step(
    connection: ServerConnection,
    decide: () => Decision,
    proceed: (recordAndDrop: boolean) => void,
    answered: (code: number | undefined, text: string) => void,
  ): Promise<void> {
    if (allStalled) await untilResumed();
    const action = await decide();
    if (action === "stall") await untilResumed();
    events.changed();
    if (connection._socket.destroyed) return;
    if (action === "drop") cut(connection);
    else if (action === "record-and-drop") proceed(true);
    else if (action === undefined || action === "stall") proceed(false);
    else if ("bytes" in action) {
      connection._socket.write(action.bytes);
      answered(undefined, "");
    } else answered(action.code, action.text ?? "as the test wants it");
  }

  function decideCommand(name: string, line: string, context: SmtpContext): Decision {
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    switch (name) {
      case "EHLO":
      case "HELO":
        return events.hooks().onEhlo?.(context);
      case "STARTTLS":
        return events.hooks().onStartTls?.(context);
      case "AUTH":
        return events.hooks().onAuth?.(context);
      case "MAIL":
        return events.hooks().onMail?.(address, context);
      case "RCPT":
        return events.hooks().onRcpt?.(address, context);
      case "DATA":
        return events.hooks().onData?.(context);
      case "RSET":
        return events.hooks().onRset?.(context);
      default:
        return undefined;
    }
  }

  /** smtp-server has no hook for EHLO, STARTTLS, DATA and RSET: every command passes here before its handler. */
  function steer(connection: ServerConnection): void {
    ordinals.set(connection, events.connected());
    const handle = connection._onCommand.bind(connection);
    connection._onCommand = (command, callback = () => {}) => {
      const line = command.toString("utf8");
      const name = connection._nextHandler ? "" : (line.split(" ", 1)[0] ?? "").toUpperCase();
      void step(
        connection,
        () => decideCommand(name, line, contextOf(connection)),
        () => handle(command, callback),
        (code, text) => {
          if (code !== undefined) connection.send(code, text, false);
          callback();
        },
      );
    };
    // smtp-server waits 100 ms before each greeting to catch early talkers; tests and the bench cannot.
    const greet = connection.connectionReady.bind(connection);
    connection.connectionReady = (next) => {
      if (next !== undefined) greet(next);
    };
    void step(
      connection,
      () => events.hooks().onConnect?.(contextOf(connection)),
      () => greet(),
      (code, text) => {
        if (code === undefined) return;
        connection.send(code, text, false);
        connection.close();
      },
    );
  }

  function receive(connection: ServerConnection, stream: SMTPServerDataStream, done: (error?: Error) => void): void {
    const context = contextOf(connection);
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.once("data", () => {
      if (events.hooks().onBody === undefined && !allStalled) return;
      stream.pause();
      const proceed = () => void stream.resume();
      void step(connection, () => events.hooks().onBody?.(context), proceed, proceed);
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.once("end", () => {
      const message = receivedMessage(context, Buffer.concat(chunks));
      const take = (recordAndDrop: boolean) => {
        if (stream.sizeExceeded) return done(replyError(552, "5.3.4 message too big"));
        events.accepted(message);
        if (recordAndDrop) cut(connection);
        else done();
        events.changed();
      };
      void step(
        connection,
        () => events.hooks().onMessage?.(message, context),
        take,
        (code, text) => {
          if (code === undefined) return;
          if (code < 400) take(false);
          else done(replyError(code, text));
        },
      );
    });
  }

  return {
    steer,
    receive,
    stallAll() {
      allStalled = true;
    },
    resume() {
      allStalled = false;
      for (const resume of resumers) resume();
      resumers.clear();
    },
  };
}

export function replyError(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

function receivedMessage(context: SmtpContext, raw: Buffer): ReceivedMessage {
  let email: Promise<Email> | undefined;
  const parsed = () => {
    email ??= PostalMime.parse(raw);
    return email;
  };
  return {
    from: context.from,
    to: context.to,
    raw,
    acceptedAtMs: Date.now(),
    context,
    parsed,
    async header(name) {
      const value = (await parsed()).headers.find((header) => header.key === name.toLowerCase())?.value;
      return value === undefined ? undefined : decodeWords(value);
    },
  };
}
