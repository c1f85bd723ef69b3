/** @file Pictures by a program: it is started once a picture, without a shell. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../run/errors.ts";
import { filled, namedIn, names } from "./fill.ts";
import { DrawError, type ImageSource } from "./source.ts";

/**
 * `command` is a program and its arguments, in which `{prompt}`, `{negative}`, `{seed}`, `{width}`, `{height}`, `{steps}`
 * and `{guidance}` are filled in, and `{out}` by the file that it shall write; without `{out}`, what it prints is the
 * picture. An exit code other than 0 fails the picture, with the last line of what it wrote to stderr.
 * @throws {UsageError} without `{prompt}`
 */
export function commandSource(command: readonly string[]): ImageSource {
  const [program, ...args] = command;
  if (program === undefined || !names(args, "prompt"))
    throw new UsageError(
      `command: expected a program and arguments with {prompt}, received ${JSON.stringify(command)}`,
    );
  return {
    about: { service: "command", command: JSON.stringify(command) },
    sends: namedIn(args),
    async draw(request, signal) {
      const folder = await mkdtemp(join(tmpdir(), "equiclip-draw-"));
      const out = join(folder, "picture.png");
      try {
        const printed = await run(
          program,
          args.map((arg) => filled(arg, { ...request, out })),
          signal,
        );
        return { bytes: names(args, "out") ? await written(out, program) : printed };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

const written = (out: string, program: string): Promise<Uint8Array> =>
  readFile(out).catch((cause: unknown) => {
    throw new DrawError(`${program} ended without writing {out}`, "none", { cause });
  });

/** What a program prints. @throws {DrawError} when it fails or cannot be started */
function run(program: string, args: readonly string[], signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    const out: Buffer[] = [];
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    child.on("error", (cause) =>
      reject(
        signal.aborted
          ? signal.reason
          : new DrawError(`${program} cannot be started: ${cause.message}`, "user", { cause }),
      ),
    );
    child.on("close", (code, by) => {
      if (code === 0) return resolve(Buffer.concat(out));
      const last = said
        .trim()
        .split(/\r?\n|\r/)
        .at(-1);
      const how = by ? `was ended by ${by}` : `ended with exit code ${code}`;
      reject(new DrawError(`${program} ${how}${last ? `: ${last}` : ""}`, "none"));
    });
  });
}
