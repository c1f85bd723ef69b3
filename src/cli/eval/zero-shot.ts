/** @file Measures the model that a config starts from, before any training: prompts alone classify. */
import type { RunReport } from "../../report/model.ts";
import { loadConfig } from "../../run/config/load.ts";
import type { Config } from "../../run/config/schema.ts";
import { runFolder } from "../../run/folder.ts";
import { terminalProgress } from "../../run/progress.ts";
import { prepareDataset } from "../../train/dataset.ts";
import { openTrained } from "../../train/families.ts";
import { printReport } from "../reports.ts";
import { zeroShotFacts } from "../run-report.ts";
import { cacheOf, clipOf, say, withEngineHere } from "../session.ts";
import { type Output, measureRows } from "./measure.ts";

export interface ZeroShotOptions extends Pick<Output, "slices"> {
  /** By default `eval-NAME`. */
  readonly out: string | undefined;
  /** Overrides of the config, KEY=VALUE. */
  readonly set: readonly string[];
  readonly json: boolean;
}

/** The test split of a config by its model's own text tower. Throws what reading config, model and data throws. */
export async function measureZeroShot(
  file: string,
  { out, set, json, slices }: ZeroShotOptions,
): Promise<void> {
  const { config, said } = await withEngineHere(await loadConfig(file, set));
  say(said);
  const command = ["equiclip eval", file, ...set.map((pair) => `--set ${pair}`)].join(" ");
  const target = out ?? `eval-${config.name}`;
  const progress = terminalProgress();
  const report = await zeroShot(config, command, { out: target, progress, slices });
  printReport(report, runFolder(target), json);
}

/** Writes predictions and report of the test split. @param command for the report */
export async function zeroShot(
  config: Config,
  command: string,
  output: Output,
): Promise<RunReport> {
  const started = new Date();
  const { progress } = output;
  const model = await clipOf(config, progress);
  const { task, rows, rejected } = await prepareDataset(config, progress, cacheOf(config));
  return measureRows(
    {
      config,
      task,
      rows: rows.test,
      rejected,
      label: "test split",
      model,
      probe: null,
      variants: new Map(),
      between: (engine) => openTrained(engine, config, task, model, null, null),
      facts: zeroShotFacts(config, model, started, command),
    },
    output,
  );
}
