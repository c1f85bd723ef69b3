/** @file What tests keep from run to run lies in a folder of its own, which goes with them: never in the user's cache. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "equiclip-cache-"));
  process.env["EQUICLIP_CACHE"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
