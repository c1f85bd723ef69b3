/** @file Python for the libraries that we compare with: an environment of its own, and a process that is asked. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.ts";
import { type Side, serveProcess } from "./side.ts";

const REQUIREMENTS = join(import.meta.dirname, "..", "python-requirements.txt");

/**
 * The interpreter of an environment with the pinned libraries, installed once into the user's cache.
 * @throws when Python 3 is missing or a library cannot be installed
 */
export function installedPython(progress: (text: string) => void): string {
  const pins = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const venv = cacheFolder(`bench-${pins}`);
  const python = join(venv, "bin", "python");
  const complete = join(venv, "complete");
  if (existsSync(complete)) return python;
  progress("installing the Python libraries, once");
  const pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS];
  for (const [command, ...args] of [
    ["python3", "-m", "venv", "--clear", venv],
    [python, ...pip],
  ] as const) {
    const { status, error } = spawnSync(command, args, { stdio: ["ignore", 2, 2] });
    if (status !== 0)
      throw new Error(
        `${command} ${args.join(" ")} ${error ? `cannot start: ${error.message}` : "failed: see its message above"}`,
      );
  }
  writeFileSync(complete, "");
  return python;
}

/** A Python process that stays: `serve.py` runs a function for each request. */
export const servePython = (python: string, script: string, ...args: readonly string[]): Side =>
  serveProcess(python, [script, ...args], pythonEnvironment());

/** Scripts of a comparison import what `bench/lib` has, say nothing but errors, and fetch nothing. */
export const pythonEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PYTHONPATH: import.meta.dirname,
  PYTHONWARNINGS: "ignore::FutureWarning",
  TRANSFORMERS_VERBOSITY: "error",
  HF_HUB_DISABLE_PROGRESS_BARS: "1",
  HF_HUB_OFFLINE: "1",
});

/** Versions of installed libraries, by name. */
export function pythonVersions(
  python: string,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const program =
    "import json, sys; from importlib.metadata import version; print(json.dumps({n: version(n) for n in sys.argv[1:]}))";
  const out = execFileSync(python, ["-c", program, ...names], { encoding: "utf8" });
  return JSON.parse(out) as Record<string, string>;
}
