/** @file A classifier's answers as the table that every evaluation starts from. */
import { encode } from "../eval/counts/cells.ts";
import { type ScoredPredictions, singleAttributes, truthOf } from "../train/predict.ts";
import type { CompareTask, Output, Part } from "./recipe.ts";

/** Rows of one cluster are resampled together. */
export function predictionsOf(
  task: CompareTask,
  { rows }: Part,
  { scores, predicted }: Output,
): ScoredPredictions {
  const groups = singleAttributes(task.attributes).map((name) => [
    name,
    encode(rows.map((row) => row.labels[name] ?? null)),
  ]);
  const clustered = rows.some(({ cluster }) => cluster !== null);
  return {
    ids: rows.map(({ id }) => id),
    classes: task.classes,
    truth: truthOf(task, rows),
    predicted,
    scores,
    groups: Object.fromEntries(groups),
    weights: Float64Array.from(rows, ({ weight }) => weight),
    ...(clustered && {
      clusters: encode(
        rows.map(({ id, cluster }) => (cluster === null ? `row ${id}` : `cluster ${cluster}`)),
      ).codes,
    }),
  };
}
