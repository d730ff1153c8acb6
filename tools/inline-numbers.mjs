/**
 * Writes the numbers that a module imports into it. V8 reads what another module exports from a cell, each time, and cannot know that it stays as it is;
 * a module's own constant becomes part of the machine code. Part of the build, on what the compiler wrote: each line stays where it is, and a second run
 * brings up to date what an earlier one wrote. Plain JavaScript without dependencies, for it also runs before there are any.
 *
 *     node tools/inline-numbers.mjs
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const DIST = fileURLToPath(new URL("../dist", import.meta.url));

const IMPORT = /(?<=^|; )import \{ ([^}]+) \} from "(\.[^"]+)";/gm;
/** What this wrote for one imported number. */
const INLINED = /const (\w+) = \S+ \/\* (\w+) of "([^"]+)" \*\/;/g;
/** Exported, a constant is in a cell for its own module, too. */
const EXPORTED = /^export const (\w+) = (-?\d\w*(?:\.\w+)?);$/gm;
/** The compiler declares the value where the source has nothing but a number. */
const DECLARED = /^export declare const (\w+) = (-?\d[\d.e+-]*);$/gm;

/**
 * `code`: a module as the compiler wrote it, or as this did. `numbersOf`: the numbers that the module at a path exports, by their names. A name that is
 * none there (any more) is imported.
 */
export const inlineNumbers = (code, numbersOf) => {
  const constantOf = (local, exported, from) => {
    const value = numbersOf(from).get(exported);
    return value && `const ${local} = ${value} /* ${exported} of "${from}" */;`;
  };
  const updated = (_, local, exported, from) =>
    constantOf(local, exported, from) ??
    `import { ${exported === local ? local : `${exported} as ${local}`} } from "${from}";`;
  const inlined = (whole, names, from) => {
    const kept = [];
    const constants = [];
    for (const name of names.split(", ")) {
      const [exported, local = exported] = name.split(" as ");
      const constant = constantOf(local, exported, from);
      if (constant === undefined) kept.push(name);
      else constants.push(constant);
    }
    if (constants.length === 0) return whole;
    const rest = kept.length === 0 ? `import "${from}";` : `import { ${kept.join(", ")} } from "${from}";`;
    return [rest, ...constants].join(" ");
  };
  return code
    .replace(INLINED, updated)
    .replace(IMPORT, inlined)
    .replace(EXPORTED, "const $1 = $2; const $1_exported = $2; export { $1_exported as $1 };");
};

/** By their names. `declarations`: what the compiler wrote of a module's types. */
export const numbersIn = (declarations) =>
  new Map(Array.from(declarations.matchAll(DECLARED), ([, name, value]) => [name, value]));

/** All modules in a folder of the compiler's output. */
export const inlineIn = (folder) => {
  const known = new Map();
  const numbersAt = (path) => {
    const declarations = path.replace(/\.js$/, ".d.ts");
    if (!known.has(path)) known.set(path, numbersIn(readFileSync(declarations, "utf8")));
    return known.get(path);
  };
  for (const name of readdirSync(folder, { recursive: true }).filter((each) => each.endsWith(".js"))) {
    const path = join(folder, name);
    const code = readFileSync(path, "utf8");
    const inlined = inlineNumbers(code, (from) => numbersAt(join(dirname(path), from)));
    if (inlined !== code) writeFileSync(path, inlined);
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) inlineIn(DIST);
