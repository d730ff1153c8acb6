/**
 * Puts the digest behind the tag of each image that docker-compose.yml and the Dockerfile name, so that a tag that is moved later brings nothing else.
 * Asks the registries through `docker buildx imagetools`. Once more brings the tags' present digests.
 *
 *     node tools/pin-images.mjs           writes them
 *     node tools/pin-images.mjs --check   ends with 1 where one is missing, or is another than the registry's
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";

const FILES = ["docker-compose.yml", "Dockerfile"];
/** Not what is built here (`:local`), nor a stage of the Dockerfile, which has no tag. */
const IMAGE =
  /^(\s*image: |FROM )((?:[\w.-]+(?::\d+)?\/)?[\w./-]+:(?!local\b)[\w.-]+)(?:@sha256:[0-9a-f]{64})?(?=\s|$)/gm;

/** The images, each once. */
export const imagesIn = (text) => [...new Set([...text.matchAll(IMAGE)].map(([, , image]) => image))];

/** The same text with the digest of each image. */
export const pinned = (text, digestOf) =>
  text.replace(IMAGE, (_, before, image) => {
    const digest = digestOf(image);
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`${image}: ${JSON.stringify(digest)} is no digest`);
    return `${before}${image}@${digest}`;
  });

const ask = (image) =>
  execFileSync("docker", ["buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();

const main = () => {
  const asked = new Map();
  const digestOf = (image) => {
    if (!asked.has(image)) asked.set(image, ask(image));
    return asked.get(image);
  };
  // All of them before the first file is written.
  const changes = FILES.flatMap((file) => {
    const path = new URL(`../${file}`, import.meta.url);
    const text = readFileSync(path, "utf8");
    const after = pinned(text, digestOf);
    return after === text ? [] : [{ file, path, after }];
  });
  const check = argv.includes("--check");
  for (const { file, path, after } of changes) {
    console.log(check ? `${file}: not pinned to the present digests` : `${file}: pinned`);
    if (!check) writeFileSync(path, after);
  }
  if (check && changes.length > 0) process.exitCode = 1;
};

if (argv[1] === fileURLToPath(import.meta.url)) main();
