/** @file A process that computes cells of a comparison, for the one that started it. */
import type { CompareCell } from "../../compare/result.ts";
import { serveJobs } from "../../run/pool.ts";
import type { EmbeddedConfig } from "./data.ts";
import { type CompareFolder, saveCell } from "./folder.ts";
import { type Job, openStudy } from "./study.ts";

/** Sent once. */
export interface WorkerStart {
  readonly config: EmbeddedConfig;
  readonly folder: CompareFolder;
}

serveJobs(async ({ config, folder }: WorkerStart) => {
  const study = await openStudy(config);
  return async (job: Job): Promise<CompareCell> => {
    const outcome = await study.run(job);
    await saveCell(folder, outcome);
    return outcome.cell;
  };
});
