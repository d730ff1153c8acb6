/** `npm run docs`: writes the pages that are made of the code. */

import { writeFileSync } from "node:fs";
import { configurationPage } from "./configuration.js";

writeFileSync(new URL("../../docs/configuration.md", import.meta.url), configurationPage());
