/** Which members of the product's interfaces are read, by TypeScript's own knowledge of types: a name alone says little. */

import { fileURLToPath } from "node:url";
import { type Node, type ObjectBindingPattern, SyntaxKind } from "typescript/unstable/ast";
import {
  isFunctionTypeNode,
  isIdentifier,
  isInterfaceDeclaration,
  isMethodSignatureDeclaration,
  isObjectBindingPattern,
  isPropertyAccessExpression,
  isPropertySignatureDeclaration,
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
    const [read, handedOn, readNames] = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (const tree of this.#trees(readIn)) {
      const found: { readonly name: Node; readonly whole: boolean }[] = [];
      const patterns: ObjectBindingPattern[] = [];
      const visit = (node: Node): void => {
        if (isPropertyAccessExpression(node) && isIdentifier(node.name) && names.has(node.name.text)) {
          readNames.add(node.name.text);
          found.push({ name: node.name, whole: !isOpened(node) });
        } else if (isObjectBindingPattern(node)) patterns.push(node);
        node.forEachChild(visit);
      };
      visit(tree);
      checker.getSymbolAtLocation(found.map(({ name }) => name)).forEach((symbol, index) => {
        for (const place of placesOf(symbol)) {
          read.add(place);
          if (found[index]?.whole) handedOn.add(place);
        }
      });
      checker.getTypeAtLocation(patterns).forEach((type, index) => {
        for (const { propertyName, name } of patterns[index]?.elements ?? []) {
          const key = propertyName ?? name;
          if (type === undefined || key === undefined || !isIdentifier(key) || !names.has(key.text)) continue;
          readNames.add(key.text);
          for (const place of placesOf(checker.getPropertyOfType(type, key.text))) {
            read.add(place);
            if (name !== undefined && isIdentifier(name)) handedOn.add(place);
          }
        }
      });
    }
    return { read, handedOn, names: readNames };
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

/** In `a.b.c`, `a.b` is opened. */
const isOpened = (node: Node): boolean =>
  node.parent.kind === SyntaxKind.PropertyAccessExpression &&
  isPropertyAccessExpression(node.parent) &&
  node.parent.expression === node;

/** A member of a union or of a `Pick` is declared where its parts are. */
const placesOf = (symbol: TypeSymbol | undefined): readonly string[] =>
  (symbol?.declarations ?? []).map(({ path, index }) => `${path}:${index}`);
