/** The manifests of `deploy/kubernetes`, as `kubectl apply -k` would send them: read from files, with components, without patches. */

import { readFileSync } from "node:fs";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";

const root = new URL("../../deploy/kubernetes/", import.meta.url);
const schemas = new URL("../../test/kubernetes-schemas/", import.meta.url);

export interface Manifest {
  /** Below `deploy/kubernetes`. */
  readonly file: string;
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it may hold is what the schemas say.
  readonly document: any;
}

/** Resources of a kustomization and of its components, in their order. Throws where a named file is missing. */
export function kustomized(folder = ""): Manifest[] {
  const { resources = [], components = [] } = parse(readFileSync(new URL(`${folder}kustomization.yaml`, root), "utf8"));
  return [
    ...resources.flatMap((file: string) => manifestsOf(`${folder}${file}`)),
    ...components.flatMap((component: string) => kustomized(`${folder}${component}/`)),
  ];
}

export function manifestsOf(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(new URL(file, root), "utf8")).map((source) => {
    const document = source.toJS();
    return { file, kind: document.kind, document };
  });
}

/** What the API server's schema of its kind, with no unknown fields, has against it. Throws where there is no schema of that kind. */
export function complaints({ kind, document }: Pick<Manifest, "kind" | "document">): string[] {
  const schema = JSON.parse(readFileSync(new URL(`${kind}.json`, schemas), "utf8"));
  const result = z.fromJSONSchema(schema).safeParse(document);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}
