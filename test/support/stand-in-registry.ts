/** A schema registry that answers as the test says: for what a real one does only when it is in trouble. */

import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** A status, a page of HTML, or a connection that is cut. */
export type RegistryTrouble = number | "html" | "cut";

export interface StandInRegistry {
  readonly url: string;
  /** What the next requests get instead of the answer, one after the other; the last one stays. Empty: all is well. */
  troubles: RegistryTrouble[];
  /** What was answered. */
  readonly given: string[];
}

/** `schemas`: by ID, as text of Avro. Any other ID is one that the registry does not have. */
export const startStandInRegistry = async (
  t: TestContext,
  schemas: Readonly<Record<number, string>>,
): Promise<StandInRegistry> => {
  const world = { url: "", troubles: [] as RegistryTrouble[], given: [] as string[] };
  const server = createServer((request, response) => {
    const trouble = world.troubles.length > 1 ? world.troubles.shift() : world.troubles[0];
    if (trouble !== undefined) {
      world.given.push(String(trouble));
      answerBadly(response, trouble);
      return;
    }
    const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? "")?.[1]);
    const schema = schemas[id];
    world.given.push(schema === undefined ? `no ${id}` : `schema ${id}`);
    if (schema === undefined) response.writeHead(404).end('{"error_code":40403,"message":"Schema not found"}');
    else response.end(JSON.stringify({ schema }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  world.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return world;
};

const answerBadly = (response: ServerResponse, trouble: RegistryTrouble): void => {
  if (trouble === "cut") response.destroy();
  else if (trouble === "html") response.writeHead(200, { "content-type": "text/html" }).end("<html>log in</html>");
  else response.writeHead(trouble).end('{"error_code":50001}');
};

/** A schema of alerts, as a registry has it. */
export const AVRO_ALERT = JSON.stringify({
  type: "record",
  name: "Alert",
  fields: ["deviceId", "message"].map((name) => ({ name, type: "string" })),
});

/** An alert of `AVRO_ALERT`, as Confluent's serializer writes it. */
export const framedAlert = (id: number, device: string, message: string): Buffer => {
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(id, 1);
  return Buffer.concat([frame, avroText(device), avroText(message)]);
};

const avroText = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  assert.ok(bytes.length < 64);
  return Buffer.concat([Buffer.from([2 * bytes.length]), bytes]);
};
