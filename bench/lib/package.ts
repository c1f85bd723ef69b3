/** @file equiclip as a user installs it: built to JavaScript, without the tools of its development. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Library from "../../src/index.ts";

const root = join(import.meta.dirname, "..", "..");

export interface Built {
  /** The file that Node runs. */
  readonly program: string;
  readonly library: typeof Library;
  /** A side of a comparison, `bench/NAME/WHO_side.ts`, built along with it; ours by default. */
  readonly side: (name: string, who?: string) => string;
}

/** Builds once, into a folder that goes with this process. */
export const build = ((): (() => Promise<Built>) => {
  let built: Promise<Built> | null = null;
  return () => (built ??= buildInto(mkdtempSync(join(tmpdir(), "equiclip-bench-build-"))));
})();

async function buildInto(folder: string): Promise<Built> {
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const config = join(root, "bench", "tsconfig.json");
  execFileSync(process.execPath, [tsc, "-p", config, "--outDir", folder], {
    stdio: ["ignore", 2, 2],
  });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const index = pathToFileURL(join(folder, "src", "index.js"));
  return {
    program: join(folder, "src", "cli", "main.js"),
    library: (await import(index.href)) as typeof Library,
    side: (name, who = "equiclip") => join(folder, "bench", name, `${who}_side.js`),
  };
}
