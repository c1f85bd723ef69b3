/** @file A classifier's answers as the table that every evaluation starts from. */
import { clustersOf } from "../train/columns.ts";
import { type ScoredPredictions, predictionsOf as tableOf } from "../train/predict.ts";
import type { CompareTask, Output, Part } from "./recipe.ts";

/** Rows of one cluster are resampled together. */
export const predictionsOf = (
  task: CompareTask,
  { rows }: Part,
  { scores, predicted }: Output,
): ScoredPredictions => ({
  ...tableOf(task, rows, scores),
  predicted,
  ...(rows.some(({ cluster }) => cluster !== null) && { clusters: clustersOf(rows) }),
});
