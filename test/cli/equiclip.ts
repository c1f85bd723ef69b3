/** @file Runs the command line as its users do: a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { stringify } from "yaml";
import { writeFileSync } from "node:fs";

const command = [join(process.env["EQUICLIP_BUILT"]!, "cli", "main.js")];

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Surroundings {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** KiB beyond which no file may grow, as a full disk would have it. */
  readonly fileLimit?: number;
}

function start(args: readonly string[], { cwd, env, fileLimit }: Surroundings): ChildProcess {
  const whole = [...command, ...args];
  const options = { cwd, env: { ...process.env, NO_COLOR: "1", ...env } };
  return fileLimit === undefined
    ? spawn(process.execPath, whole, options)
    : spawn(
        "bash",
        ["-c", `ulimit -f ${fileLimit}; exec "$0" "$@"`, process.execPath, ...whole],
        options,
      );
}

function ending(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs `equiclip ARGS` to its end. */
export const equiclip = (
  args: readonly string[],
  surroundings: Surroundings = {},
): Promise<Ended> => ending(start(args, surroundings));

/** When a run is stopped: as soon as this name is made or changed in its folder, and after that many milliseconds. */
export interface Stop {
  readonly at: string;
  readonly after?: number;
  readonly signals: readonly NodeJS.Signals[];
}

/** Runs `equiclip ARGS` and sends signals in the middle of it. @param folder the run folder. */
export async function stopped(
  args: readonly string[],
  folder: string,
  { at, after = 0, signals }: Stop,
  surroundings: Surroundings = {},
): Promise<Ended> {
  mkdirSync(folder, { recursive: true });
  const child = start(args, surroundings);
  const watcher = watch(folder, (_event, name) => {
    if (name !== at) return;
    watcher.close();
    const send = (): void => signals.forEach((signal) => child.kill(signal));
    if (after === 0) send();
    else setTimeout(send, after);
  });
  try {
    return await ending(child);
  } finally {
    watcher.close();
  }
}

/** A folder that is gone after the tests of a file. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "equiclip-cli-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a config and returns its path. */
export function writeConfig(path: string, config: object): string {
  writeFileSync(path, stringify(config));
  return path;
}
