/** A real Apicurio Registry. */

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { type Apicurio, startApicurio } from "#test/support/apicurio.js";
import { writeApicurioRecords } from "#test/support/apicurio-serdes.js";
import { type WrittenAlert, writeConfluentRecords } from "#test/support/confluent-clients.js";
import { eventually } from "#test/support/eventually.js";
import { startGuidRegistry } from "#test/support/guid-registry.js";
import { MissingRequirement } from "#test/support/java.js";
import { type Line, pastWindow, startLine } from "#test/support/line.js";
import { runCli } from "#test/support/run-cli.js";

const mailed = (line: Line, device: string, ...texts: readonly string[]): Promise<boolean> =>
  eventually(`mails about ${device} with ${texts.join(", ")}`, async () => {
    const all = await Promise.all(
      line.smtp.messages.map(async (message) =>
        (await message.header("X-Alert-Digest-Device")) === device ? ((await message.parsed()).text ?? "") : "",
      ),
    );
    return texts.every((text) => all.join("\n").includes(text));
  });

/** A POST of JSON; the answer. */
const post = async (url: string, body: unknown): Promise<Readonly<Record<string, unknown>>> => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, text);
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
};

/** Undefined: what it needs is not here, and the test is skipped. */
const orSkipped = async <T>(t: TestContext, what: Promise<T>): Promise<T | undefined> => {
  try {
    return await what;
  } catch (error) {
    if (!(error instanceof MissingRequirement)) throw error;
    t.skip(error.message);
    return undefined;
  }
};

describe("a real schema registry", { concurrency: 2 }, () => {
  let apicurio: Apicurio | undefined;
  let lacking: string | undefined;
  before(async () => {
    try {
      apicurio = await startApicurio();
    } catch (error) {
      if (!(error instanceof MissingRequirement)) throw error;
      lacking = error.message;
    }
  });
  after(() => apicurio?.close());

  test("Apicurio's own API: content IDs in the frame and global IDs in a header, with references", async (t) => {
    if (apicurio === undefined) return t.skip(lacking);
    const env = { SCHEMA_REGISTRY_URL: apicurio.url, SCHEMA_REGISTRY_API: "apicurio" };
    const line = await startLine(t, { partitions: 1, env });
    const artifacts = `${apicurio.url}/apis/registry/v3/groups/alerts/artifacts`;
    const create = async (name: string, schema: object, references: readonly object[]) => {
      const content = { content: JSON.stringify(schema), contentType: "application/json", references };
      const body = {
        artifactId: `${line.topic}-${name}`,
        artifactType: "AVRO",
        firstVersion: { version: "1", content },
      };
      const { version } = await post(artifacts, body);
      return version as { readonly contentId: number; readonly globalId: number };
    };
    const severity = { type: "enum", name: "Severity", namespace: "x", symbols: ["info", "critical"] };
    await create("severity", severity, []);
    const fields = [
      { name: "deviceId", type: "string" },
      { name: "message", type: "string" },
      { name: "severity", type: "x.Severity" },
    ];
    const reference = { groupId: "alerts", artifactId: `${line.topic}-severity`, version: "1", name: "x.Severity" };
    const ids = await create("alert", { type: "record", name: line.topic.replace(/\W/g, "_"), fields }, [reference]);
    const body = (message: string): Buffer =>
      Buffer.concat([Buffer.from([2, 0x61, 2 * message.length]), Buffer.from(message), Buffer.from([2])]);
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(ids.contentId, 1);
    const globalId = Buffer.alloc(8);
    globalId.writeBigUInt64BE(BigInt(ids.globalId));
    const timestamp = pastWindow(3);
    await line.produceRaw([
      { key: "a", value: Buffer.concat([frame, body("by content")]), timestamp },
      { key: "a", value: body("by global"), headers: { "apicurio.value.globalId": globalId }, timestamp },
    ]);
    await line.start();
    await mailed(line, "a", "by content", "by global", "Critical");
    await line.allCommitted();
    assert.deepEqual(await line.deadLetters(), []);
  });

  /** What other clients wrote is mailed, whatever way they took. */
  const assertMailed = async (line: Line, written: readonly WrittenAlert[]): Promise<void> => {
    for (const { device, says } of written) await mailed(line, device, ...says);
    await line.allCommitted();
    const letters = (await line.deadLetters()).map(({ key, headers }) => [key?.toString(), headers["detail"]]);
    assert.deepEqual(letters, []);
  };

  test("alerts of Confluent's Python client, fastavro and protoc: every serializer, IDs in frames and in headers, framed keys", async (t) => {
    if (apicurio === undefined) return t.skip(lacking);
    const registry = await startGuidRegistry(apicurio.confluentUrl);
    t.after(() => registry.close());
    const { url: registryUrl } = registry;
    const line = await startLine(t, { partitions: 1, env: { SCHEMA_REGISTRY_URL: registryUrl } });
    const { brokers, topic } = line;
    const written = await orSkipped(
      t,
      writeConfluentRecords({ brokers, registryUrl, topic, timestamp: pastWindow(3) }),
    );
    if (written === undefined) return;
    await line.start();
    await assertMailed(line, written);
  });

  test("alerts of Apicurio's Java serializers: IDs in frames and in headers, with four bytes and eight, framed keys", async (t) => {
    if (apicurio === undefined) return t.skip(lacking);
    const { url: registryUrl } = apicurio;
    const env = { SCHEMA_REGISTRY_URL: registryUrl, SCHEMA_REGISTRY_API: "apicurio" };
    const line = await startLine(t, { partitions: 1, env });
    const { brokers, topic } = line;
    const written = await orSkipped(t, writeApicurioRecords({ brokers, registryUrl, topic, timestamp: pastWindow(3) }));
    if (written === undefined) return;
    await line.start();
    await assertMailed(line, written);
  });

  test("check says whether the registry answers, by either API, and what it answers where it is another path", async (t) => {
    if (apicurio === undefined) return t.skip(lacking);
    const line = await startLine(t);
    const said = async (env: Record<string, string>): Promise<string> => {
      const { stdout } = await runCli(["check"], { ...line.env, ...env });
      return stdout.split("\n").find((text) => text.includes("schema registry")) ?? stdout;
    };
    const { url, confluentUrl } = apicurio;
    assert.equal(
      await said({ SCHEMA_REGISTRY_URL: confluentUrl }),
      `OK     schema registry: answers at ${confluentUrl}`,
    );
    assert.equal(
      await said({ SCHEMA_REGISTRY_URL: url, SCHEMA_REGISTRY_API: "apicurio" }),
      `OK     schema registry: answers at ${url}/apis/registry/v3`,
    );
    assert.match(await said({ SCHEMA_REGISTRY_URL: url }), /^WRONG {2}schema registry: .*it answers 404/);
  });
});
