import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Settings under which nobody is told of what a test does: there is a route, and it is for another device. */
export async function routeForOthers(t: TestContext): Promise<Record<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), "alert-digest-test-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "routes.yaml");
  await writeFile(file, "version: 1\nroutes: [{ match: { device: elsewhere }, to: other@example.com }]\n");
  return { MAIL_TO: "", ROUTES_FILE: file };
}
