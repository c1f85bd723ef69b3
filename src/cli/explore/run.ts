/** @file An exploration, end to end: what is found, then its files and page. */
import { terminalProgress } from "../../run/progress.ts";
import { savingWhenInterrupted } from "../interrupt.ts";
import { checkNames } from "./clusters.ts";
import { exploreAll } from "./explored.ts";
import { exploreFolder } from "./folder.ts";
import { writeOutputs } from "./outputs.ts";
import { configOf, requireData } from "./subject.ts";

export interface ExploreArgs {
  readonly model: string | undefined;
  readonly out: string | undefined;
  readonly fresh: boolean;
  readonly set: readonly string[];
  readonly json: boolean;
}

/** Explores a folder of images, or what a config says; writes the folder and prints what was found. */
export async function explore(subject: string, args: ExploreArgs): Promise<void> {
  const started = new Date();
  const config = await configOf(subject, args);
  checkNames(config.clusters);
  await requireData(config);
  const folder = exploreFolder(args.out ?? `explore-${config.name}`);
  const progress = terminalProgress();
  try {
    await savingWhenInterrupted(async (signal) => {
      const explored = await exploreAll(config, folder, args.fresh, progress, signal);
      await writeOutputs(explored, folder, { started, json: args.json, progress, signal });
    });
  } finally {
    progress.stop();
  }
}
