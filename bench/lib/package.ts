/** @file equiclip as a user installs it: built to JavaScript, without the tools of its development. */
import { execFileSync } from "node:child_process";
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Library from "../../src/index.ts";

const root = join(import.meta.dirname, "..", "..");

export interface Built {
  /** The file that Node runs. */
  readonly program: string;
  readonly library: typeof Library;
}

/** Builds into a folder. */
export async function build(folder: string): Promise<Built> {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const config = join(root, "tsconfig.build.json");
  const args = [tsc, "-p", config, "--outDir", join(folder, "dist")];
  execFileSync(process.execPath, args, { stdio: ["ignore", 2, 2] });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const index = pathToFileURL(join(folder, "dist", "index.js"));
  return {
    program: join(folder, "dist", "cli", "main.js"),
    library: (await import(index.href)) as typeof Library,
  };
}
