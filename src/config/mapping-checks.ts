/** What the reader of `MAPPING_FILE` does not know itself. */

import { fileProblem } from "./reader.js";
import { nearest } from "./unknown-names.js";

export const createMappingChecks = () => ({
  nearest: (name: string, known: readonly string[]): string => nearest(name, known).name,
  fileProblem,
});
