/** @file Python for the libraries that we compare with: an environment of its own, and a process that is asked. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const REQUIREMENTS = join(import.meta.dirname, "..", "python-requirements.txt");

/**
 * The interpreter of an environment with the pinned libraries, installed once into the user's cache.
 * @throws when Python 3 is missing or a library cannot be installed
 */
export function installedPython(progress: (text: string) => void): string {
  const pins = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const venv = join(cache, "equiclip", `bench-${pins}`);
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
export interface PythonServer {
  /** The function's return value, as JSON. */
  call(task: string, given?: Readonly<Record<string, unknown>>): Promise<unknown>;
  stop(): void;
}

export function servePython(
  python: string,
  script: string,
  ...args: readonly string[]
): PythonServer {
  const child = spawn(python, [script, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: pythonEnvironment(),
  });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    call: async (task, given = {}) => {
      child.stdin.write(`${JSON.stringify({ task, given })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`Python ended while it did ${task}: see its message above`);
      return JSON.parse(value) as unknown;
    },
    stop: () => child.stdin.end(),
  };
}

/** Scripts of a comparison import what `bench/lib` has. */
export const pythonEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PYTHONPATH: import.meta.dirname,
});
