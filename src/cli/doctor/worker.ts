/** @file A process that measures an engine: one that crashes takes nothing else along. */
import { openEngine } from "../../engine/catalog.ts";
import type { EngineName } from "../../run/config/engine.ts";
import { serveJobs } from "../../run/pool.ts";
import { type Speed, measureSpeed } from "./work.ts";

/** Sent once. */
export interface WorkerStart {
  readonly seconds: number;
}

serveJobs(
  async ({ seconds }: WorkerStart) =>
    async (name: EngineName): Promise<Speed> =>
      measureSpeed(await openEngine(name, {}), seconds),
);
