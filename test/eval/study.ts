/** @file The study's confusion matrices (001) by name: rows true class, in the order of GENDERS or RACES. */
import { CONSTRAINED_LOG } from "../../src/study/published-clip.ts";
import type { Matrix, PublishedRun } from "../../src/study/printed.ts";
import { PUBLISHED } from "../../src/study/published.ts";

export { GENDERS, RACES, type Matrix } from "../../src/study/printed.ts";

const matrixOf = (strategy: string, target: PublishedRun["target"] = "gender"): Matrix =>
  PUBLISHED.find((run) => run.strategy === strategy && run.target === target && run.matrix)!
    .matrix!;

/** Gender, by section of the study. */
export const GENDER = {
  "ward original (2.5)": matrixOf("ward-original"),
  "tripathi (2.7)": matrixOf("tripathi"),
  "aghav, later run (2.8)": matrixOf("aghav-original"),
  "clip zero-shot (2.9)": matrixOf("clip-zeroshot"),
  "contrastive, original (2.10)": matrixOf("clip-contrastive-original"),
  "contrastive, curated (2.10)": matrixOf("clip-contrastive-curated"),
  "constrained (2.11)": matrixOf("clip-constrained"),
  "subspace (2.12)": matrixOf("clip-subspace"),
  "gender and age (2.14)": matrixOf("plain48"),
} as const satisfies Record<string, Matrix>;

/** Race after contrastive fine-tuning (2.10), and zero-shot (2.9). */
export const RACE_ORIGINAL = matrixOf("clip-contrastive-original", "race");
export const RACE_CURATED = matrixOf("clip-contrastive-curated", "race");
export const RACE_ZERO_SHOT = matrixOf("clip-zeroshot", "race");

/** The log of the study's constrained run (2.11): validation loss, TPR gap, FPR-A gap. */
export const LOG = CONSTRAINED_LOG.map(
  ({ validationLoss, tprGap, fprAGap }) => [validationLoss, tprGap, fprAGap] as const,
);
