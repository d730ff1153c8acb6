import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const DOCUMENTED = fileURLToPath(new URL("../../../docs/images/", import.meta.url));

/** Where pictures go: into `docs/images/` with `UPDATE_SCREENSHOTS=1`, else into a folder that `remove` is called for. */
export const pictureFolder = (): { readonly folder: string; readonly isTemporary: boolean } => {
  if (process.env["UPDATE_SCREENSHOTS"] !== "1")
    return { folder: mkdtempSync(join(tmpdir(), "alert-digest-pictures-")), isTemporary: true };
  mkdirSync(DOCUMENTED, { recursive: true });
  return { folder: DOCUMENTED, isTemporary: false };
};
