/**
 * How long the line of one plain alert is: the files and functions of the product that it enters from the batch that brings it to the confirmed commit that
 * says it was mailed, and that an idle second does not enter. One alert, one recipient, no option set, the connection to the mail server open.
 *
 * A function is one with a name. Closures are read where they stand, and initialisers of fields with their class: they are counted apart.
 *
 *     npm run line            counts by folder
 *     npm run line -- --all   every function besides
 */

import { setTimeout as sleep } from "node:timers/promises";
import { CallCounts, type Entered, without } from "./entered.js";
import { startProduct } from "./product.js";

/** What a stranger could follow in ten minutes. */
const AIM = { files: 45, functions: 220 };

const isNamed = (name: string): boolean => name !== "" && name !== "<instance_members_initializer>";

/** Named functions by file. */
const filesOf = (entered: Entered): Map<string, string[]> => {
  const files = new Map<string, string[]>();
  for (const { file, name } of entered.values()) {
    const names = files.get(file) ?? [];
    if (isNamed(name)) names.push(name);
    files.set(file, names);
  }
  return new Map([...files].sort(([a], [b]) => a.localeCompare(b)));
};

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const report = (files: ReadonlyMap<string, readonly string[]>, all: boolean): void => {
  const folders = new Map<string, { files: number; functions: number }>();
  for (const [file, names] of files) {
    const folder = file.includes("/") ? (file.split("/")[0] as string) : "(top)";
    const sum = folders.get(folder) ?? { files: 0, functions: 0 };
    folders.set(folder, { files: sum.files + 1, functions: sum.functions + names.length });
    if (all) print(`${file}: ${names.join(", ")}`);
  }
  for (const [folder, sum] of folders) print(`${folder}: ${sum.files} files, ${sum.functions} functions`);
};

await using counts = await CallCounts.start();
const product = await startProduct();
while (!product.isReady()) await sleep(50);
await product.take(product.fetched());
await counts.take();
await sleep(1_000);
const idle = await counts.take();
const batch = product.fetched();
await counts.take();
await product.take(batch);
const entered = without(await counts.take(), idle);
const mails = product.mails();
await product.stop();
if (mails !== 2) throw new Error(`${mails} mails, not 2`);

const files = filesOf(entered);
const functions = [...files.values()].flat().length;
report(files, process.argv.includes("--all"));
print(
  `one plain alert: ${files.size} files (aim ${AIM.files}), ${functions} functions (aim ${AIM.functions}), ${entered.size - functions} closures and initialisers`,
);
