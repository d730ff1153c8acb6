/** Records that name a schema: what reads them, and what asks the registry. Loaded only where `SCHEMA_REGISTRY_URL` is set. */

import type { Config } from "../config.js";
import { RegistryClient } from "../formats/registry/client.js";
import { DIALECTS } from "../formats/registry/dialects.js";
import { fetchSchema } from "../formats/registry/fetch-schema.js";
import { RegistryReader } from "../formats/registry/registry-reader.js";
import { compileSchema } from "../formats/registry/schema-reader.js";
import { SchemaStore } from "../formats/registry/schema-store.js";
import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/log.js";
import type { Metrics } from "../runtime/ports.js";

export const createSchemaRegistry = (
  settings: NonNullable<Config["schemaRegistry"]>,
  deps: { readonly metrics: Pick<Metrics, "schemaRequest">; readonly clock: Clock; readonly log: Logger },
) => {
  const { api, protobufMessage } = settings;
  const { metrics, clock, log } = deps;
  const client = new RegistryClient(settings, (outcome) => metrics.schemaRequest(outcome));
  const store = new SchemaStore({
    fetch: (schema) => fetchSchema((path, judge) => client.ask(path, judge), DIALECTS[api], schema),
    compile: (schema) => compileSchema(schema, protobufMessage),
    clock,
    log,
  });
  return {
    reader: new RegistryReader(store, api),
    /** For who reads elsewhere what its schemas say. */
    by: { api, protobufMessage },
    /** For gauges. */
    state: () => ({ schemas: store.size, waitingMs: store.waitingMs }),
    close: (): void => {
      store.close();
      client.close();
    },
  };
};

export type SchemaRegistry = ReturnType<typeof createSchemaRegistry>;

/** One question, about any ID: also the word that there is no such schema says that the registry answers. `why`: a sentence. */
export const probeSchemaRegistry = async (
  settings: NonNullable<Config["schemaRegistry"]>,
): Promise<{ readonly ok: true; readonly url: string } | { readonly ok: false; readonly why: string }> => {
  const dialect = DIALECTS[settings.api];
  const { content } = dialect.locate(settings.api === "apicurio" ? "content:1" : "id:1");
  const client = new RegistryClient(settings, () => undefined);
  try {
    const answer = await client.ask(content, (reply) => dialect.judgeContent(reply));
    return answer.kind === "away" ? { ok: false, why: answer.why } : { ok: true, url: client.url };
  } finally {
    client.close();
  }
};
