/**
 * Writes which commit the program is made of to `dist/revision`, for a package has no history to ask. `build_info` and `/status` name it.
 * Without a history of its own there is nothing to write.
 *
 *     node tools/revision.mjs write      before packing
 *     node tools/revision.mjs remove     afterwards: the next build may be of another commit
 */

import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const file = new URL("../dist/revision", import.meta.url);

const git = (...args) =>
  execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();

const revision = () => {
  try {
    // Unpacked inside another project, the source would pass for a commit of that.
    if (git("rev-parse", "--show-prefix") !== "") return undefined;
    return git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*");
  } catch {
    return undefined;
  }
};

const found = process.argv[2] === "write" ? revision() : undefined;
if (found === undefined) rmSync(file, { force: true });
else writeFileSync(file, `${found}\n`);
