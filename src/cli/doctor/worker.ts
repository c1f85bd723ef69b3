/** @file A process that examines an engine: one that crashes takes nothing else along. */
import { openEngine } from "../../engine/catalog.ts";
import type { EngineName } from "../../run/config/engine.ts";
import { serveJobs } from "../../run/pool.ts";
import { type Found, examineEngine } from "./work.ts";

/** Sent once. */
export interface WorkerStart {
  readonly seconds: number;
}

serveJobs(
  async ({ seconds }: WorkerStart) =>
    async (name: EngineName): Promise<Found> =>
      examineEngine(await openEngine(name, {}), seconds),
);
