/** @file equiclip as a user installs it: built to JavaScript, without the tools of its development. */
import { execFileSync } from "node:child_process";
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** Builds into a folder; returns the program's file. */
export function builtProgram(folder: string): string {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const config = join(root, "tsconfig.build.json");
  const args = [tsc, "-p", config, "--outDir", join(folder, "dist")];
  execFileSync(process.execPath, args, { stdio: ["ignore", 2, 2] });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  return join(folder, "dist", "cli", "main.js");
}
