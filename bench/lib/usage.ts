/** @file Time and memory of a whole process. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pythonEnvironment } from "./python.ts";

export interface Usage {
  /** Seconds from start to end. */
  readonly wall: number;
  /** Seconds of processor time, of all its threads. */
  readonly cpu: number;
  /** The most memory that was resident. */
  readonly mebibytes: number;
}

/** Runs a command to its end, its output thrown away. Throws when it fails; its stderr is shown. */
export function usageOf(
  python: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Usage {
  const ruler = join(import.meta.dirname, "usage.py");
  const told = execFileSync(python, [ruler, ...command], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...pythonEnvironment(), ...env },
  });
  return JSON.parse(told) as Usage;
}
