/**
 * Test files that share a process. Starting Node and loading the product for each of them alone costs more than the tests
 * themselves do, and Node 20 knows no other isolation than processes.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";

const UNLOADED = " cannot be loaded";

/**
 * One import after the other: a file that can't be loaded fails by its name, and hides no other. Most code of a test runs a few times: V8 compiles for
 * longer than that would take, so it waits until code has run for seven times as long as usual.
 */
const moduleText = (root, files) => `import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
// V8 of Node 24 knows no such flag.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--interrupt-budget=1000000");
const files = ${JSON.stringify(files.map((file) => [relative(root, file), pathToFileURL(file).href]))};
for (const [name, url] of files) {
  try {
    await import(url);
  } catch (error) {
    test(name + ${JSON.stringify(UNLOADED)}, () => {
      throw error;
    });
  }
}
`;

/**
 * Modules, at most `count` and of about equal size, that together import all of `files`. They lie in a folder of their own
 * until `remove`; where there are no more files than that, they are the files themselves.
 */
export const writeBatches = (root, files, count) => {
  if (files.length <= count) return { entries: files, remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), "alert-digest-tests-"));
  const largestFirst = files
    .map((file) => ({ file, size: statSync(file).size }))
    .sort((a, b) => b.size - a.size)
    .map(({ file }) => file);
  const entries = Array.from({ length: count }, (_, index) => {
    const entry = join(folder, `batch-${index + 1}.mjs`);
    writeFileSync(
      entry,
      moduleText(
        root,
        largestFirst.filter((_, place) => place % count === index),
      ),
    );
    return entry;
  });
  return { entries, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

/** The file a test stands in; node:test tells that of the call of `test`, which for a file that can't be loaded is ours. */
export const testFileOf = (root, { name, file }) =>
  name.endsWith(UNLOADED) ? join(root, name.slice(0, -UNLOADED.length)) : file;
