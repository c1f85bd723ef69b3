/** @file One run of a study, by the functions of the command that its config is for. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { loadConfig } from "../../run/config/load.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError } from "../../run/errors.ts";
import { type RunFolder, openRunFolder, runFolder } from "../../run/folder.ts";
import type { Progress } from "../../run/progress.ts";
import { scaled } from "../../study/scale.ts";
import type { How, Job, Source } from "../../study/strategies.ts";
import { SIDES } from "../../train/sweep/sweep.ts";
import { zeroShot } from "../eval/zero-shot.ts";
import { runExperiment } from "../experiment.ts";
import { readPlan } from "../plan.ts";
import { readManifest } from "../run-manifest.ts";
import { withEngine } from "../session.ts";
import { sweepModel } from "../sweep/run.ts";
import { type Finished, writeFinished } from "./folder.ts";

/** What a run is told of how far it is. */
export interface JobHooks {
  /** The command line, for the run's own report. */
  readonly command: string;
  readonly progress: Progress;
  /** Called as each epoch ends, with its share of the run and its seconds. */
  readonly onEpoch: (share: number, seconds: number) => void;
}

type Ran = Pick<Finished, "epochs" | "trained">;

const RUN: Readonly<
  Record<How, (config: Config, folder: RunFolder, hooks: JobHooks) => Promise<Ran>>
> = {
  async train(config, folder, { command, progress, onEpoch }) {
    const { epochs } = config.train;
    await runExperiment(config, folder, {
      command,
      progress,
      onEpoch: ({ seconds }) =>
        onEpoch(
          1 / epochs,
          Object.values(seconds).reduce((a, b) => a + b, 0),
        ),
    });
    const { splits } = await readPlan(folder);
    return { epochs: (await readManifest(folder)).epochs, trained: splits.train.ids.length };
  },
  async "zero-shot"(config, folder, { command, progress }) {
    await zeroShot(config, command, { out: folder.root, progress, slices: undefined });
    return { epochs: null, trained: null };
  },
  async sweep(config, folder, { progress }) {
    const { rows } = await sweepModel(config, null, folder, progress);
    return { epochs: null, trained: rows.images };
  },
};

/** The config of a run. Throws UsageError for one that is not there or not valid. */
export const configOf = async (
  file: string,
  overrides: readonly string[],
  scale: number,
  size: number,
): Promise<Config> => scaled(await loadConfig(file, overrides), scale, size);

/** Runs a job in its folder, or goes on with it. Throws what its command throws. */
export async function runJob(
  { how }: Job,
  asked: Config,
  folder: RunFolder,
  hooks: JobHooks,
): Promise<Finished> {
  const started = performance.now();
  const { config } = await withEngine(asked, folder, true);
  await openRunFolder(folder, config, "resume").catch(async (thrown: unknown) => {
    // what another config began and never finished is of no use
    if (!(thrown instanceof UsageError) || !existsSync(folder.config)) throw thrown;
    await openRunFolder(folder, config, "fresh");
  });
  const ran = await RUN[how](config, folder, hooks);
  const finished = { ...ran, seconds: (performance.now() - started) / 1000 };
  await writeFinished(folder, finished);
  await rm(folder.last, { recursive: true, force: true }); // it only serves to go on
  return finished;
}

/** Where the predictions of a strategy lie in the folder of its run. */
export function predictionsOf({ side, promptSet, output }: Source, folder: RunFolder): string {
  if (output !== undefined) return runFolder(folder.output(output)).predictions;
  if (promptSet !== undefined) return runFolder(folder.promptSet(promptSet)).predictions;
  return side === undefined ? folder.predictions : folder.predictionsAfter(SIDES[side]);
}
