/** @file The loader's thread, but reading a file of one of these names ends it, in the ways in which threads end. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

const ENDS: Readonly<Record<string, () => void>> = {
  "exit.jpg": () => process.exit(7),
  "throw.jpg": () => {
    setImmediate(() => {
      throw new Error("nobody catches this");
    });
  },
};

const read = fs.readFileSync;
fs.readFileSync = ((path: string, ...rest: []) => {
  ENDS[basename(path)]?.();
  return read(path, ...rest);
}) as typeof read;
syncBuiltinESMExports();
await import("../../src/data/load-thread.ts");
