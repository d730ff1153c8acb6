/** Which compiled files belong to which sources: the compiler never deletes what it once wrote. */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const TREES = [
  { source: "src", output: "dist" },
  { source: "tools", output: "dist-tools" },
  { source: "test", output: "dist-test" },
];

const filesUnder = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    : [];

const isSource = (file) => file.endsWith(".ts") && !file.endsWith(".d.ts");
const sourceOf = (output) => output.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");

/** Outputs that should be there and are not, as absolute paths. */
export const missingOutputs = (root) =>
  TREES.flatMap(({ source, output }) =>
    filesUnder(join(root, source))
      .filter(isSource)
      .map((file) => join(root, output, file.replace(/\.ts$/, ".js")))
      .filter((file) => !existsSync(file)),
  );

/** Deletes outputs whose source is gone, so that no deleted test runs and no deleted module is imported. */
export const removeOrphans = (root) => {
  for (const { source, output } of TREES) {
    for (const file of filesUnder(join(root, output))) {
      if (/\.(js|d\.ts)(\.map)?$/.test(file) && !existsSync(join(root, source, sourceOf(file)))) {
        rmSync(join(root, output, file), { force: true });
      }
    }
  }
};

/** Compiled test files of a suite, sorted, as absolute paths. */
export const testFiles = (root, suite) =>
  filesUnder(join(root, "dist-test", suite))
    .filter((file) => file.endsWith(".test.js") && existsSync(join(root, "test", suite, sourceOf(file))))
    .map((file) => join(root, "dist-test", suite, file))
    .sort();
