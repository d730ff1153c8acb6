/**
 * Copies what the compiler leaves out: the live page's markup, style and icon. Part of the build; plain JavaScript without dependencies, for it also runs
 * before there are any.
 *
 *     node tools/copy-page.mjs
 */

import { cpSync, rmSync } from "node:fs";

const FOLDER = "http/page/assets/";

const root = new URL("../", import.meta.url);
const target = new URL(`dist/${FOLDER}`, root);
rmSync(target, { recursive: true, force: true });
cpSync(new URL(`src/${FOLDER}`, root), target, { recursive: true });
