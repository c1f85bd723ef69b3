/** @file What a study will run, and how much each run computes. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readUtkface } from "../../data/utkface.ts";
import { loadConfig } from "../../run/config/load.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError, messageOf } from "../../run/errors.ts";
import { type RunFolder, differences, readRunConfig } from "../../run/folder.ts";
import { type Load, unitsOf } from "../../study/pace.ts";
import {
  type Job,
  STUDY_FILES,
  type Strategy,
  STRATEGIES,
  jobsOf,
  strategiesOf,
} from "../../study/strategies.ts";
import { type Finished, type StudyFolder, type StudyOptions, readFinished } from "./folder.ts";
import { configOf } from "./job.ts";

/** One run: ready to go, or the reason why it cannot. */
export interface PlannedRun {
  readonly job: Job;
  readonly config: Config | null;
  readonly reason: string | null;
  readonly load: Load;
  /** What it would be with every row and epoch. */
  readonly whole: Load;
  /** Of an earlier start. */
  readonly finished: Finished | null;
  /** Whether that was by another config than this program's. */
  readonly isOld?: boolean;
}

export interface StudyPlan {
  readonly strategies: readonly Strategy[];
  readonly seeds: readonly number[];
  readonly runs: readonly PlannedRun[];
  readonly source: string;
  readonly files: number;
}

/** The configs come with the program. */
const configPath = (name: string): string =>
  fileURLToPath(new URL(`../../../configs/${name}.yaml`, import.meta.url));

/** 10^9 multiply-adds of one image forward, by size; what is not known is taken for ViT-B/32. */
const CLIP_WORK: Readonly<Record<string, number>> = {
  "preset:tiny": 0.006,
  "preset:tiny-conv": 0.003,
  "preset:small": 0.03,
  "preset:small-conv": 0.04,
};
const CLIP_BASE = 4.4;

/** The strategies that are asked for. Throws UsageError for a word that none has. */
export function chosen(only: readonly string[] | null): readonly Strategy[] {
  const found = strategiesOf(only);
  if ("strategies" in found) return found.strategies;
  throw new UsageError(
    `--only ${found.unknown}: expected strategies, or how their names begin: ${STRATEGIES.map(({ key }) => key).join(", ")}`,
  );
}

/** Throws UsageError where no config takes what is set: before anything is written, which would have it kept. */
export async function requireSettings(
  strategies: readonly Strategy[],
  { set }: StudyOptions,
): Promise<void> {
  const found = await Promise.allSettled(
    jobsOf(strategies, [0]).map(({ config }) => loadConfig(configPath(config), set)),
  );
  const wrong = found.flatMap((of) => (of.status === "rejected" ? [of.reason as unknown] : []));
  if (wrong.length === found.length) throw wrong[0];
}

/** Reads every config and counts the images. Throws UsageError for a folder that is no UTKFace. */
export async function planStudy(
  folder: StudyFolder,
  { data: given, scale, model, set }: StudyOptions,
  data: string,
  strategies: readonly Strategy[],
  seeds: readonly number[],
): Promise<StudyPlan> {
  const { rows } = await readUtkface(data);
  const files = rows.length;
  const size = given === null ? Math.min(1, files / STUDY_FILES) : 1;
  const runs = jobsOf(strategies, seeds).map(async (job): Promise<PlannedRun> => {
    const { family, work } = STRATEGIES.find(({ key }) => key === job.strategies[0])!;
    const overrides = [
      `data.path=${JSON.stringify(data)}`,
      `seed=${job.seed}`,
      // every drawn face is another one, however alike they look
      ...(given === null ? ["data.duplicates=ignore"] : []),
      ...(family === "clip" && model !== null ? [`model.from=${JSON.stringify(model)}`] : []),
      ...set,
    ];
    const kind = job.config.replace(/-compat$/, "");
    const path = configPath(job.config);
    const nothing = { kind, units: 0 };
    if (!existsSync(path))
      return {
        job,
        config: null,
        reason: `there is no ${job.config}.yaml`,
        load: nothing,
        whole: nothing,
        finished: null,
      };
    try {
      const loadOf = async (at: number) => {
        const config = await configOf(path, overrides, at, size);
        const units = unitsOf(config, {
          files,
          work: work ?? CLIP_WORK[config.model.from] ?? CLIP_BASE,
          isTrained: job.how === "train",
        });
        return { config, load: { kind, units } };
      };
      const { config, load } = await loadOf(scale);
      const { load: whole } = await loadOf(1);
      const finished = await readFinished(folder.run(job));
      const isOld = finished !== null && (await differsFrom(config, folder.run(job)));
      return { job, config, reason: null, load, whole, finished, isOld };
    } catch (thrown) {
      const reason = messageOf(thrown);
      return { job, config: null, reason, load: nothing, whole: nothing, finished: null };
    }
  });
  return { strategies, seeds, runs: await Promise.all(runs), source: data, files };
}

/** Whether a run is of another config; the engine that it took where the config leaves it open is none of it. */
async function differsFrom(config: Config, run: RunFolder): Promise<boolean> {
  const before = await readRunConfig(run).catch(() => null); // of a program that knew other keys
  if (before === null) return true;
  const engine = config.engine === "auto" ? before.engine : config.engine;
  return differences(before, { ...config, engine }, "").length > 0;
}
