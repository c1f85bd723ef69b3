/** @file Jobs in processes: shared out, and each job's end told, whatever becomes of its process. */
import { expect, test } from "vitest";
import { type Ended, runPool } from "../../src/run/pool.ts";

type Job = number | string;
type Result = readonly [pid: number, value: number];

async function run(jobs: readonly Job[], workers: number, stopAfter = Infinity) {
  const ended = new Map<Job, Ended<Result>>();
  const stop = new AbortController();
  await runPool<Job, Result>({
    entry: new URL("./pool-worker.mjs", import.meta.url),
    start: 100,
    jobs,
    workers,
    onEnd: async (job, how) => {
      ended.set(job, how);
      if (ended.size >= stopAfter) stop.abort();
    },
    signal: stop.signal,
  });
  return ended;
}
const valueOf = (ended: Ended<Result> | undefined): number | null =>
  ended && "result" in ended ? ended.result[1] : null;

test("every job is done once, by as many processes as there are workers", async () => {
  const ended = await run([1, 2, 3, 4, 5, 6], 2);
  expect([...ended.keys()].toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  for (const job of ended.keys()) expect(valueOf(ended.get(job))).toBe(100 + Number(job) ** 2);
  const pids = new Set([...ended.values()].map((how) => ("result" in how ? how.result[0] : 0)));
  expect(pids.size).toBeLessThanOrEqual(2);
});

test("a job whose process dies or fails is lost alone", async () => {
  const ended = await run(["die", 2, "fail", 3], 1);
  expect(ended.get("die")).toEqual({
    lost: "its process ended (exit code 7); is there enough memory?",
  });
  expect(ended.get("fail")).toEqual({ lost: "cannot" });
  expect([valueOf(ended.get(2)), valueOf(ended.get(3))]).toEqual([104, 109]);
});

test("once the signal aborts, no further job is begun", async () => {
  const ended = await run([1, 2, 3, 4], 1, 2);
  expect([...ended.keys()]).toEqual([1, 2]);
});
