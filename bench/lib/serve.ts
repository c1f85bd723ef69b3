/** @file Answers requests, one JSON line each, with what a function returns: what serve.py is to Python. */
import { createInterface } from "node:readline";

interface Request {
  readonly task: string;
  readonly given: unknown;
}

/** @param tasks functions by name; a request is {"task": name, "given": what it takes}. Ends with the input. */
export async function serve(
  tasks: Readonly<Record<string, (given: never) => unknown>>,
): Promise<void> {
  for await (const line of createInterface(process.stdin)) {
    const { task, given } = JSON.parse(line) as Request;
    const answer = await (tasks[task] as (given: unknown) => unknown)(given);
    process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
  }
  process.exit(0);
}
