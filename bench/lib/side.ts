/** @file One side of a comparison: a process that stays and is asked. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Side {
  /** What the function of that name returned, as JSON. */
  call(task: string, given?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Resolves when the process is gone, and its memory free. */
  stop(): Promise<void>;
}

/** Starts a program that answers as `serve.ts` and `serve.py` do. */
export function serveProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Side {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env });
  const ended = once(child, "exit");
  child.stdin.on("error", () => {}); // it ended: said by the answer that does not come
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    call: async (task, given = {}) => {
      child.stdin.write(`${JSON.stringify({ task, given })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`${command} ended while it did ${task}: see its message above`);
      return JSON.parse(value) as unknown;
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Our side. @param script built JavaScript. */
export const serveNode = (script: string, ...args: readonly string[]): Side =>
  serveProcess(process.execPath, [script, ...args]);
