/** @file A thread whose jobs are to say what they are given, to fail, or to take their time. */
import { setTimeout } from "node:timers/promises";
import { EquiclipError, UsageError } from "../../src/run/errors.ts";
import { serveThread } from "../../src/run/threads.ts";

export type Job = "fail" | "misuse" | "bug" | number;

serveThread<Job, number>(
  async (job) => {
    if (job === "fail") throw new EquiclipError("a file is gone; put it back");
    if (job === "misuse") throw new UsageError("expected one, received two");
    if (job === "bug") throw new TypeError("x is not a function");
    await setTimeout(job);
    return job;
  },
  () => [],
);
