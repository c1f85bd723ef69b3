/** @file Measures the model that a config starts from, before any training: prompts alone classify. */
import { loadConfig } from "../../run/config/load.ts";
import { terminalProgress } from "../../run/progress.ts";
import { prepareDataset } from "../../train/dataset.ts";
import { openTrained } from "../../train/trained.ts";
import { zeroShotFacts } from "../run-report.ts";
import { cacheOf, modelOf, say, withEngineHere } from "../session.ts";
import { type Output, measureRows } from "./measure.ts";

export interface ZeroShotOptions extends Omit<Output, "out"> {
  /** By default `eval-NAME`. */
  readonly out: string | undefined;
  /** Overrides of the config, KEY=VALUE. */
  readonly set: readonly string[];
}

/** The test split of a config by its model's own text tower. Throws what reading config, model and data throws. */
export async function measureZeroShot(
  file: string,
  { out, set, json, slices }: ZeroShotOptions,
): Promise<void> {
  const started = new Date();
  const { config, said } = await withEngineHere(await loadConfig(file, set));
  say(said);
  const progress = terminalProgress();
  const model = await modelOf(config, progress);
  const { task, rows, rejected } = await prepareDataset(config, progress, cacheOf(config));
  const command = ["equiclip eval", file, ...set.map((pair) => `--set ${pair}`)].join(" ");
  await measureRows(
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
    { out: out ?? `eval-${config.name}`, json, slices },
  );
}
