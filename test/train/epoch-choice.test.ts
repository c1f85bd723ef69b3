/** @file The rule that a training keeps its epoch by, fed the log of study 001's constrained run (C001-25). */
import { describe, expect, test } from "vitest";
import {
  type EpochObjective,
  bestEpoch,
  betterObjective,
  judgedBy,
  objectiveOf,
} from "../../src/train/epoch-choice.ts";
import { type Constraint } from "../../src/eval/select.ts";
import { judge } from "../../src/train/judge.ts";
import { CONSTRAINED_LOG, type LoggedEpoch } from "../../src/study/published-clip.ts";
import { matrixPredictions } from "../../src/study/published.ts";
import { GENDERS, type Matrix } from "../../src/study/printed.ts";

/** 200 images of each gender: the two gaps together tell how many of each were got wrong. */
function matrixOf({ tprGap, fprAGap }: LoggedEpoch): Matrix {
  const difference = Math.round(200 * tprGap);
  const errors = Math.round(difference / fprAGap);
  const wrong = (errors + difference) / 2;
  return [
    [200 - wrong, wrong],
    [errors - wrong, 200 - errors + wrong],
  ];
}

/** Wrong answers all but undecided, right ones as sure as the logged loss has it. */
function scored(epoch: LoggedEpoch) {
  const predictions = matrixPredictions(GENDERS, matrixOf(epoch));
  const { truth, predicted } = predictions;
  const n = truth.length;
  const isWrong = Array.from(truth, (label, i) => predicted[i] !== label);
  const share = isWrong.filter(Boolean).length / n;
  const undecided = 0.5 + 1e-6;
  const sure = Math.exp((share * Math.log(1 - undecided) + epoch.validationLoss) / (share - 1));
  return {
    ...predictions,
    ids: isWrong.map((_, i) => String(i)),
    weights: new Float64Array(n).fill(1),
    scores: Float32Array.from({ length: 2 * n }, (_, i) => {
      const p = isWrong[i >> 1] ? undecided : sure;
      return predicted[i >> 1] === i % 2 ? p : 1 - p;
    }),
  };
}

const OPTIONS = { positive: "female", uncertainty: { replicates: 0 } };

/** The log as the trainer would have written it under these constraints. */
function logged(objective: EpochObjective, constraints: readonly Constraint[]) {
  const trajectory = CONSTRAINED_LOG.map((record, epoch) => ({
    epoch,
    trainLoss: record.trainLoss,
    validation: judge(scored(record), judgedBy({ objective, constraints }), OPTIONS),
  }));
  const epoch = bestEpoch(trajectory, objective);
  return { trajectory, epoch, feasible: trajectory[epoch]!.validation.feasible };
}

const within = (limit: number, ...metrics: readonly string[]): Constraint[] =>
  metrics.map((metric) => ({ metric, limit, bound: "point" }));
const CORRECT = ["class.tpr_gap", "class.fpr_gap"];
const PUBLISHED = ["class.tpr_gap", "compat.fpr_a"];

test("losses and gaps are those of the log", () => {
  const { trajectory } = logged("loss", within(0.15, ...PUBLISHED));
  trajectory.forEach(({ validation }, epoch) => {
    const { validationLoss, tprGap, fprAGap } = CONSTRAINED_LOG[epoch]!;
    expect(validation.loss).toBeCloseTo(validationLoss, 5);
    expect(validation.checks[0]!.value).toBeCloseTo(tprGap, 12);
    expect(validation.checks[1]!.value!.toFixed(4)).toBe(fprAGap.toFixed(4));
  });
});

test.each<[string, number, readonly string[], { epoch: number; feasible: boolean }]>([
  ["the true FPR at 0.10 keeps epoch 1", 0.1, CORRECT, { epoch: 1, feasible: true }],
  ["FPR-A at 0.15 keeps epoch 4", 0.15, PUBLISHED, { epoch: 4, feasible: true }],
  [
    "FPR-A at 0.10 keeps none: the nearest, which is said",
    0.1,
    PUBLISHED,
    { epoch: 4, feasible: false },
  ],
])("%s", (_, limit, metrics, expected) => {
  const { epoch, feasible } = logged("loss", within(limit, ...metrics));
  expect({ epoch, feasible }).toEqual(expected);
});

describe("rules of training", () => {
  test("the least training loss and the last epoch, whatever validation says", () => {
    expect(logged("train_loss", []).epoch).toBe(9);
    expect(logged("last", []).epoch).toBe(9);
    expect([betterObjective("train_loss"), betterObjective("last")]).toEqual(["lower", "higher"]);
    const { trajectory } = logged("train_loss", []);
    expect(objectiveOf(trajectory[4]!, "train_loss")).toBe(0.06654);
    expect(objectiveOf(trajectory[4]!, "last")).toBe(4);
    expect(objectiveOf(trajectory[4]!, "loss")).toBeCloseTo(0.26896, 5);
  });

  test("constraints go before them", () => {
    expect(logged("last", within(0.15, ...PUBLISHED)).epoch).toBe(4);
  });
});
