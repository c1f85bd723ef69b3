/** @file Jobs on threads: how what they throw arrives, and what is left when threads are closed. */
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { EXIT, EquiclipError } from "../../src/run/errors.ts";
import { type Threads, openThreads } from "../../src/run/threads.ts";
import type { Job } from "./thread.ts";

const open = (size: number) =>
  openThreads<Job, number>(new URL("./thread.ts", import.meta.url), size);
let threads: Threads<Job, number>;
afterEach(() => threads.close());

test("an expected failure is one on this thread too, with its exit code; a bug stays a bug", async () => {
  threads = open(1);
  const thrown = (job: Job) => threads.run(job).catch((error: unknown) => error);
  const failure = await thrown("fail");
  expect(failure).toBeInstanceOf(EquiclipError);
  expect(failure).toMatchObject({ message: "a file is gone; put it back", exitCode: EXIT.failure });
  expect(await thrown("misuse")).toMatchObject({ exitCode: EXIT.usage });
  const bug = await thrown("bug");
  expect(bug).not.toBeInstanceOf(EquiclipError);
  expect((bug as Error).stack).toContain("thread.ts");
});

test("closed threads stay closed, whatever was waiting for them", async () => {
  threads = open(2);
  expect(await threads.run(0)).toBe(0);
  const ended: unknown[] = [];
  for (const job of [20_000, 20_001, 20_002, 20_003, 20_004])
    void threads.run(job).then(
      (result) => ended.push(result),
      (thrown: unknown) => ended.push(thrown),
    );
  await threads.close();
  await setTimeout(300);
  expect(ended).toEqual([]);
});
