/** @file The attributes that an exploration holds clusters and queries against: labels of rows, or what models tell. */
import { existsSync } from "node:fs";
import type { Row } from "../../data/row.ts";
import { readPredictions } from "../../eval/predictions-csv.ts";
import type { Grouping } from "../../explore/grouping.ts";
import type { ExploreConfig } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import { readRunConfig, runFolder } from "../../run/folder.ts";
import type { Progress } from "../../run/progress.ts";
import { loadBest } from "../../train/checkpoint.ts";
import { argmaxRows, probabilities } from "../../train/classifier.ts";
import { columnOf } from "../../train/columns.ts";
import { openTrained } from "../../train/families.ts";
import { embed } from "../../train/trained.ts";
import { storeOf } from "../experiment.ts";
import { readPlan } from "../plan.ts";
import { cacheOf, engineOf, say, withEngineHere } from "../session.ts";

/**
 * Labels of the rows by attribute, in the order of `groups`, by default of all there are.
 * @throws UsageError for an attribute that no row has
 */
export function labelGroupings(
  rows: readonly Row[],
  groups: ExploreConfig["groups"],
): readonly Grouping[] {
  const known = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))];
  return (groups ?? known).map((name) => {
    if (!known.includes(name))
      throw new UsageError(
        `groups: ${name}: no row has such a label; expected some of ${known.join(", ") || "none: the data has no labels"}`,
      );
    return { name, ...columnOf(rows, name), predicted: null };
  });
}

type Predicted = ExploreConfig["predicted"][number];

/**
 * What a run's model tells of the rows, with the errors it made on its own test split, which it was not chosen on.
 * @param others attributes that there are already
 * @throws UsageError when it is no complete run, or tells an attribute of a name that there is; EquiclipError for an image that cannot be read
 */
export async function predictedGrouping(
  { run, as }: Predicted,
  rows: readonly Row[],
  others: readonly Grouping[],
  progress: Progress,
): Promise<Grouping> {
  const folder = runFolder(run);
  const { config, said } = await withEngineHere(await readRunConfig(folder));
  say(said);
  if (!existsSync(folder.manifest))
    throw new UsageError(
      `${run}: training is not complete, so its error rates are unknown; go on with equiclip train --resume`,
    );
  const { task, splits } = await readPlan(folder);
  const { classes } = task;
  const name = as ?? `${task.target}_predicted`;
  if (others.some((other) => other.name === name))
    throw new UsageError(
      `predicted: there is an attribute ${name} already; call that of ${run} otherwise (predicted.as)`,
    );
  const known = new Set([...splits.train.ids, ...splits.validation.ids]);
  const tested = await readPredictions(folder.predictions, undefined, classes);
  const confusion = new Float64Array(classes.length ** 2);
  for (const [i, truth] of tested.truth.entries())
    confusion[truth * classes.length + tested.predicted[i]!]!++;
  const { model, probe } = await loadBest(folder.best);
  const engine = await engineOf(config);
  const trained = await openTrained(engine, config, task, model, probe, cacheOf(config));
  try {
    const store = await storeOf(rows, `images for ${task.target}`, config, model, progress);
    const { embeddings } = await embed(trained, store, `images for ${task.target}`, progress);
    const told = argmaxRows(probabilities(trained.classifier, embeddings), classes.length);
    const place = new Map(store.rows.map(({ id }, i) => [id, told[i]!]));
    return {
      name,
      values: classes,
      codes: Int32Array.from(rows, ({ id }) => place.get(id) ?? -1),
      predicted: {
        model: run,
        rows: tested.truth.length,
        confusion,
        seen: rows.filter(({ id }) => known.has(id)).length,
      },
    };
  } finally {
    await trained.dispose();
  }
}
