/** Confluent's registry gives each schema a GUID, which its serializers write into headers; Apicurio's compatible API has none. This stands in front of it and adds them. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface GuidRegistry {
  readonly url: string;
  close(): Promise<void>;
}

const PREFIX = "9f1c2d3e-4b5a-4677-8899-";
const guidOf = (id: number): string => `${PREFIX}${id.toString(16).padStart(12, "0")}`;
const idOf = (guid: string): number => Number.parseInt(guid.slice(PREFIX.length), 16);

/** `behind`: the URL of a registry without GUIDs. */
export async function startGuidRegistry(behind: string): Promise<GuidRegistry> {
  const server: Server = createServer(async (request, response) => {
    const asked = (request.url ?? "/").replace(
      /^\/schemas\/guids\/([^/?]+)/,
      (_, guid) => `/schemas/ids/${idOf(guid)}`,
    );
    const { method = "GET", headers } = request;
    const body = method === "GET" ? {} : { body: await buffer(request) };
    // A connection of its own: the registry may end one just when it is used again.
    const own = { "content-type": headers["content-type"] ?? "application/json", connection: "close" };
    const answer = await fetch(`${behind}${asked}`, { method, headers: own, ...body });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
    response.end(withGuid(await answer.text()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const withGuid = (text: string): string => {
  // Not every answer has a body.
  const json = (text === "" ? {} : JSON.parse(text)) as { readonly id?: unknown };
  return typeof json.id === "number" ? JSON.stringify({ ...json, guid: guidOf(json.id) }) : text;
};
