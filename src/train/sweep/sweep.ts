/** @file The study's projection experiment on embedded rows: fitted on train, chosen on validation, test rows once. */
import { STUDY_BATCH, axisChecks } from "../../debias/sweep/axis-checks.ts";
import { cellDifferences } from "../../debias/sweep/cell-differences.ts";
import { predictOverImages, predictOverTexts } from "../../debias/sweep/softmax-axis.ts";
import {
  type Fit,
  type SweepRows,
  type SweepTrial,
  fitAll,
  logitsOf,
  studyK,
  sweep,
} from "../../debias/sweep/sweep.ts";
import {
  SWEEP_SCHEMA,
  type Spectrum,
  type SweepResult,
  type SweepSetting,
  type SweepSide,
} from "../../debias/sweep/result.ts";
import type { Subspace, SubspaceRows } from "../../debias/sweep/subspace.ts";
import type { EvaluateOptions } from "../../eval/evaluate.ts";
import type { Predictions } from "../../eval/predictions.ts";
import { check, violationOf } from "../../eval/select.ts";
import type { Config } from "../../run/config/schema.ts";
import { columnOf, intersectionOf } from "../columns.ts";
import { best, defaultConstraints } from "../judge.ts";
import { type Task, singleAttributes } from "../predict.ts";
import { type SweepJudge, type SweepPart, sweepJudge } from "./judge.ts";

export interface SweepInputs {
  readonly name: string;
  readonly task: Task;
  readonly attribute: string;
  /** Train rows that directions are fitted on; all have the attribute. */
  readonly fit: SweepPart;
  readonly validation: SweepPart;
  readonly test: SweepPart;
  /** Texts that directions are fitted on. */
  readonly texts: SubspaceRows;
  /** What they are, one line each. */
  readonly notes: readonly string[];
  /** Of the target's classes. [C, D] */
  readonly classTexts: Float32Array;
  readonly settings: Config["sweep"];
  readonly seed: number;
  readonly evaluate: EvaluateOptions;
}

/** The study's strength, and the most directions that a concept of few classes should need. */
const STUDY = { alpha: 0.4, mostK: 10 } as const;

/** What a sweep found, and what each way said of the test rows. */
export interface Swept {
  readonly result: SweepResult;
  /** By the names of `result.sides`. */
  readonly predictions: Readonly<Record<string, Predictions>>;
}

/** Ways that others look up by name. */
export const SIDES = {
  published: "the study, as published",
  corrected: "corrected, chosen on validation",
} as const;

/** Fits every subspace, tries every strength on validation, then looks at test once. */
export function runSweep(inputs: SweepInputs): Swept {
  const { name: title, task, attribute, texts, settings, seed } = inputs;
  const { images, notes } = trainRows(inputs);
  const constraint = defaultConstraints(task, attribute)[0]!;
  const [validation, test] = [inputs.validation, inputs.test].map((part) =>
    sweepJudge(task, constraint, part, inputs.classTexts, inputs.evaluate),
  ) as [SweepJudge, SweepJudge];
  const fits = fitAll({ images, texts });
  const grid = { alphas: settings.alpha, ks: settings.k };
  const swept = fits.map((fit) => ({
    fit,
    trials: sweep(fit, validation.rows, grid, validation.worth),
  }));
  const corrected = swept.find(
    ({ fit }) => fit.centring === "pairs" && fit.modality === "separate",
  )!;
  const study = fits.find((fit) => fit.centring === "class" && fit.modality === "pooled")!;
  const { trial, feasible } = choose(corrected.trials, settings.limit);
  const chosen: SweepSetting = {
    centring: "pairs",
    modality: "separate",
    axis: "texts",
    alpha: trial.alpha,
    k: trial.k,
  };
  const published: SweepSetting = {
    centring: "class",
    modality: "pooled",
    axis: "images",
    alpha: STUDY.alpha,
    k: studyK(study),
  };
  const ways: Readonly<Record<string, SweepSetting | null>> = {
    "nothing removed": null,
    [SIDES.published]: published,
    "the study, softmax over texts": { ...published, axis: "texts" },
    "the study at alpha 1": { ...published, alpha: 1 },
    "the study at alpha 1, softmax over texts": { ...published, alpha: 1, axis: "texts" },
    [SIDES.corrected]: chosen,
  };
  const predict = (rows: SweepRows) =>
    mapValues(ways, (setting) =>
      predictions(setting?.centring === "class" ? study : corrected.fit, rows, setting),
    );
  const onValidation = mapValues(predict(validation.rows), validation.worth);
  // everything is chosen: from here on, and only here, test rows are used
  const predicted = predict(test.rows);
  const onTest = test.beside(predicted);
  const result: SweepResult = {
    schema: SWEEP_SCHEMA,
    name: title,
    target: task.target,
    classes: task.classes,
    attribute,
    gap: {
      metric: constraint.metric,
      attribute: constraint.attribute ?? null,
      limit: settings.limit,
    },
    rows: {
      images: images.n,
      imagePairs: images.differences.n,
      texts: texts.n,
      textPairs: texts.differences.n,
      validation: inputs.validation.rows.length,
      test: inputs.test.rows.length,
    },
    alphas: settings.alpha,
    fits: swept.map(({ fit: { centring, modality, image, text }, trials }) => ({
      centring,
      modality,
      image: spectrumOf(image),
      text: modality === "pooled" ? null : spectrumOf(text),
      trials,
    })),
    chosen: { setting: chosen, feasible },
    axis: axisChecks(
      logitsOf(study, validation.rows, published.k)(published.alpha),
      task.classes.length,
      seed,
      validation.worth,
    ),
    sides: Object.entries(ways).map(([name, setting]): SweepSide => ({
      name,
      setting,
      validation: onValidation[name]!,
      test: onTest[name]!,
    })),
    notes: [...inputs.notes, ...notes],
  };
  return { result, predictions: mapValues(predicted, test.predictions) };
}

const mapValues = <A, B>(
  of: Readonly<Record<string, A>>,
  make: (value: A) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value)]));

const spectrumOf = ({ eraser, signal }: Subspace): Spectrum => ({
  share: [...eraser.share],
  signal,
});

/** The best accuracy within the limit among few directions, else the smallest gap; of equals the gentlest. */
function choose(
  trials: readonly SweepTrial[],
  limit: number,
): { readonly trial: SweepTrial; readonly feasible: boolean } {
  const few = trials.filter(({ k }) => k <= STUDY.mostK);
  const judged = few.map(({ accuracy, gap }) => ({
    objective: accuracy,
    checks: [check({ metric: "gap", limit, bound: "point" }, gap)],
  }));
  const chosen = best(judged, "higher");
  return { trial: few[chosen]!, feasible: violationOf(judged[chosen]!.checks) === 0 };
}

function predictions(fit: Fit, rows: SweepRows, setting: SweepSetting | null): Int32Array {
  const classes = rows.classTexts.n;
  const logits = logitsOf(fit, rows, setting?.k ?? 1)(setting?.alpha ?? 0);
  return setting?.axis === "images"
    ? predictOverImages(logits, classes, STUDY_BATCH, [...Array(rows.images.n).keys()])
    : predictOverTexts(logits, classes);
}

/** Train rows, and the differences of their classes where everything else that is labelled is equal. */
function trainRows({ fit, task, attribute, texts }: SweepInputs) {
  const rows = {
    x: fit.embeddings,
    n: fit.rows.length,
    d: texts.d,
    labels: columnOf(fit.rows, attribute).codes,
  };
  const others = singleAttributes([task.target, ...task.attributes]).filter(
    (of) => of !== attribute,
  );
  const everyone = new Int32Array(rows.n);
  const cells = others.length > 0 ? intersectionOf(fit.rows, others).codes : everyone;
  const matched = cellDifferences(rows, cells);
  const isMatched = matched.n > 0;
  const images: SubspaceRows = {
    ...rows,
    differences: isMatched ? matched : cellDifferences(rows, everyone),
  };
  return {
    images,
    notes: [
      "Embeddings are of unit length before directions are fitted; the study's were not.",
      isMatched
        ? `Pairs of images are the means of two classes of ${attribute} among the images that agree in ${others.join(" and ") || "nothing else that is labelled"}.`
        : `No two train rows differ in ${attribute} alone: the means of its classes are the one pair.`,
      ...(attribute === task.target
        ? [`${attribute} is the target: whatever removes it removes the task.`]
        : []),
    ],
  };
}
