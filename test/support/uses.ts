/** Which members of the product's interfaces are read, by TypeScript's own knowledge of types: a name alone says little. */

import { fileURLToPath } from "node:url";
import type { Identifier, Node, ObjectBindingPattern } from "typescript/unstable/ast";
import {
  isFunctionTypeNode,
  isIdentifier,
  isInterfaceDeclaration,
  isMethodSignatureDeclaration,
  isObjectBindingPattern,
  isPropertyAccessExpression,
  isPropertySignatureDeclaration,
  isShorthandPropertyAssignment,
  isVariableDeclaration,
} from "typescript/unstable/ast/is";
import { API, type Project, type Symbol as TypeSymbol } from "typescript/unstable/sync";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url)).replaceAll("\\", "/");

/** A method or field as an interface declares it. */
export interface Member {
  /** Where it is declared. */
  readonly place: string;
  /** With what it stands in, as `Config.mail.from`. */
  readonly path: string;
  readonly name: string;
  readonly isMethod: boolean;
  /** The field whose type is written out around this one. */
  readonly within: string | undefined;
}

/** Files by their path below `src/`. */
type Files = (file: string) => boolean;

export class Uses implements Disposable {
  readonly #api = new API({ cwd: SOURCES });
  readonly #project: Project;
  readonly #files: readonly string[];

  constructor() {
    const [project] = this.#api.updateSnapshot({ openProjects: [`${SOURCES}tsconfig.json`] }).getProjects();
    if (project === undefined) throw new Error(`${SOURCES}tsconfig.json is no project`);
    this.#project = project;
    this.#files = project.program.getSourceFileNames().filter((file) => file.startsWith(SOURCES));
  }

  /** Of every interface that the files declare, or of the one of that name. */
  members(declaredIn: Files, only?: string): readonly Member[] {
    const members: Member[] = [];
    const visit = (node: Node, path: string | undefined, within: string | undefined): void => {
      if (isInterfaceDeclaration(node) && (only ?? node.name.text) === node.name.text) path = node.name.text;
      if (path !== undefined && (isMethodSignatureDeclaration(node) || isPropertySignatureDeclaration(node))) {
        if (!isIdentifier(node.name)) return;
        const name = node.name.text;
        const [place] = placesOf(this.#project.checker.getSymbolAtLocation(node.name));
        if (place === undefined) return;
        path = `${path}.${name}`;
        const isMethod =
          isMethodSignatureDeclaration(node) || (node.type !== undefined && isFunctionTypeNode(node.type));
        members.push({ place, path, name, isMethod, within });
        within = place;
      }
      node.forEachChild((child) => visit(child, path, within));
    };
    for (const node of this.#trees(declaredIn)) visit(node, undefined, undefined);
    return members;
  }

  /** What the files read of anything of these names. */
  reads(readIn: Files, names: ReadonlySet<string>): Reads {
    const { checker } = this.#project;
    const reads = { read: new Set<string>(), handedOn: new Set<string>(), names: new Set<string>() };
    for (const tree of this.#trees(readIn)) {
      const accesses: { readonly name: Node; readonly node: Node }[] = [];
      const patterns: ObjectBindingPattern[] = [];
      const identifiers: Identifier[] = [];
      const visit = (node: Node): void => {
        if (isIdentifier(node)) identifiers.push(node);
        if (isPropertyAccessExpression(node) && names.has(node.name.text)) accesses.push({ name: node.name, node });
        else if (isObjectBindingPattern(node)) patterns.push(node);
        node.forEachChild(visit);
      };
      visit(tree);
      /** Variables that hold what was read. */
      const held = new Map<string, readonly string[]>();
      const note = (name: string, symbol: TypeSymbol | undefined, at: Node | undefined): void => {
        const places = placesOf(symbol);
        reads.names.add(name);
        for (const place of places) reads.read.add(place);
        if (at === undefined || isOpened(at)) return;
        if (isIdentifier(at)) held.set(at.text, places);
        else if (isVariableDeclaration(at.parent) && isIdentifier(at.parent.name))
          held.set(at.parent.name.text, places);
        else for (const place of places) reads.handedOn.add(place);
      };
      checker.getSymbolAtLocation(accesses.map(({ name }) => name)).forEach((symbol, index) => {
        const { name, node } = accesses[index] as (typeof accesses)[number];
        note((name as Identifier).text, symbol, node);
      });
      checker.getTypeAtLocation(patterns).forEach((type, index) => {
        for (const { propertyName, name } of patterns[index]?.elements ?? []) {
          const key = propertyName ?? name;
          if (type === undefined || key === undefined || !isIdentifier(key) || !names.has(key.text)) continue;
          note(
            key.text,
            checker.getPropertyOfType(type, key.text),
            name !== undefined && isIdentifier(name) ? name : undefined,
          );
        }
      });
      for (const one of identifiers)
        if (isUsed(one) && !isOpened(one)) for (const place of held.get(one.text) ?? []) reads.handedOn.add(place);
    }
    return reads;
  }

  [Symbol.dispose](): void {
    this.#api.close();
  }

  *#trees(files: Files): Iterable<Node> {
    for (const file of this.#files) {
      if (!files(file.slice(SOURCES.length))) continue;
      const tree = this.#project.program.getSourceFile(file);
      if (tree !== undefined) yield tree;
    }
  }
}

export interface Reads {
  /** Places of declaration. */
  readonly read: ReadonlySet<string>;
  /** Of them, what was not opened where it was read: somebody else may read what is in it. */
  readonly handedOn: ReadonlySet<string>;
  /** Names read of whatever type. */
  readonly names: ReadonlySet<string>;
}

/** In `a.b.c` and in `const { c } = a.b`, `a.b` is opened. */
const isOpened = ({ parent }: Node): boolean =>
  isPropertyAccessExpression(parent) || (isVariableDeclaration(parent) && isObjectBindingPattern(parent.name));

/** Not the name of something, but its value. */
const isUsed = (node: Identifier): boolean => {
  const { parent } = node;
  if (isShorthandPropertyAssignment(parent)) return true;
  const { name, propertyName } = parent as { readonly name?: Node; readonly propertyName?: Node };
  return name !== node && propertyName !== node;
};

/** A member of a union or of a `Pick` is declared where its parts are. */
const placesOf = (symbol: TypeSymbol | undefined): readonly string[] =>
  (symbol?.declarations ?? []).map(({ path, index }) => `${path}:${index}`);
