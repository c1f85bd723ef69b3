/** @file Studies for tests: runs with the study's own confusion matrices as their predictions. */
import type { Predictions } from "../../src/eval/predictions.ts";
import { measure } from "../../src/study/numbers.ts";
import { CLASSES, type PublishedRun } from "../../src/study/printed.ts";
import { PUBLISHED, matrixPredictions } from "../../src/study/published.ts";
import type { StudyResult } from "../../src/study/result.ts";

/** Runs of the strategy table that have a matrix, the first of each strategy. */
export const WITH_MATRIX: readonly PublishedRun[] = PUBLISHED.filter(
  ({ matrix, target, run, strategy }) =>
    matrix !== null && target === "gender" && run !== "earlier run" && strategy !== "plain48",
);

export const rowsOf = ({ matrix, target }: PublishedRun): Predictions => {
  const predictions = matrixPredictions(CLASSES[target], matrix!);
  return { ...predictions, ids: Array.from(predictions.truth, (_, i) => `${i}.jpg`) };
};

/** A study whose compat runs predicted exactly what was published, with every seed. */
export function publishedStudy(more: Partial<StudyResult> = {}, seeds = [0, 1, 2]): StudyResult {
  return {
    schema: "equiclip.study/1",
    study: "001",
    data: { source: "UTKFace", synthetic: false, files: 23_705, scale: 1 },
    clip: { from: "openai/clip-vit-base-patch32", released: true },
    seeds,
    uncertainty: { level: 0.95, replicates: 0 },
    strategies: WITH_MATRIX.map(({ strategy }) => strategy),
    runs: WITH_MATRIX.flatMap((run) =>
      seeds.map((seed) => ({
        strategy: run.strategy,
        form: "compat" as const,
        seed,
        status: "done" as const,
        folder: "runs",
        seconds: 1,
        epochs: 1,
        trained: 1000,
        testShare: 0.2,
        ...measure(rowsOf(run), run.target, { replicates: 0 }),
      })),
    ),
    corrections: [],
    ...more,
  };
}
