import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface PinImages {
  imagesIn(text: string): string[];
  pinned(text: string, digestOf: (image: string) => string): string;
}
// Plain JavaScript: it runs without a build.
const root = new URL("../../../", import.meta.url);
const { imagesIn, pinned }: PinImages = await import(new URL("tools/pin-images.mjs", root).href);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

const [ONE, TWO] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`] as const;

test("it finds every image of the compose file and the Dockerfile that somebody else built", () => {
  const images = [...text("docker-compose.yml").matchAll(/^ +image: (\S+)$/gm)].map(([, image = ""]) => image);
  const foreign = images.filter((image) => !image.endsWith(":local")).map((image) => image.replace(/@.*$/, ""));
  assert.ok(foreign.length > 5);
  assert.deepEqual(imagesIn(text("docker-compose.yml")).sort(), [...new Set(foreign)].sort());
  const [node, ...others] = imagesIn(text("Dockerfile"));
  assert.match(node ?? "", /^node:/);
  assert.deepEqual(others, []);
});

test("a digest follows the tag, in place of the one that stood there; nothing else changes", () => {
  const before = [
    "FROM node:24.21.0-bookworm-slim AS build",
    "FROM build AS more",
    "    image: registry.example.com:5000/a/b:1.2.3",
    "    image: alert-digest:local",
    `    image: caddy:2.10.2@${ONE} # page`,
  ].join("\n");
  const after = pinned(before, () => TWO);
  assert.equal(
    after,
    [
      `FROM node:24.21.0-bookworm-slim@${TWO} AS build`,
      "FROM build AS more",
      "    image: registry.example.com:5000/a/b:1.2.3",
      "    image: alert-digest:local",
      `    image: caddy:2.10.2@${TWO} # page`,
    ]
      .join("\n")
      .replace("b:1.2.3", `b:1.2.3@${TWO}`),
  );
  assert.equal(
    pinned(after, () => TWO),
    after,
  );
});

test("an answer that is no digest is an error, not a name of an image", () => {
  for (const answer of ["", "latest", "sha256:12"])
    assert.throws(() => pinned("FROM node:24.21.0", () => answer), /node:24\.21\.0: .* is no digest/);
});
