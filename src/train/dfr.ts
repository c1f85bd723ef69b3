/** @file Last-layer retraining on balanced rows: a linear head that no group dominates. */
import { groupBy } from "../data/cells.ts";
import { fitLogistic } from "../eval/probes/logistic.ts";
import { UsageError } from "../run/errors.ts";
import type { Embeddings } from "../run/linalg/embeddings.ts";
import { random } from "../run/random.ts";
import type { Classifier } from "./classifier.ts";
import { type LinearModel, classifierOf } from "./logistic-head.ts";

/** What a head is refitted on. */
export interface DfrRows extends Embeddings {
  /** Class of each row. [N] */
  readonly truth: Int32Array;
  /** Group within which rows are exchangeable: class and attributes together. [N] */
  readonly cells: Int32Array;
}

export interface DfrOptions {
  /** Number of classes of the task. */
  readonly classes: number;
  /** Inverse strength of the L2 penalty. */
  readonly C: number;
  /** Balanced draws whose heads are averaged. Default 10, as published. */
  readonly draws?: number;
  readonly seed: number;
}

/** Of one draw's fit: far below what draws differ by. */
const TOLERANCE = 1e-3;

/**
 * Deep feature reweighting: Kirichenko, Izmailov and Wilson 2022 (arXiv:2204.02937). Each draw takes as many rows of
 * every cell as the smallest one has; weights of the draws' logistic regressions are averaged. (The paper holds the
 * rows out of training, and penalises by L1.)
 * @throws {UsageError} when fewer than two classes have rows
 */
export function fitDfr(
  { x, d, truth, cells }: DfrRows,
  { classes, C, draws = 10, seed }: DfrOptions,
): Classifier {
  const members = [...groupBy([...cells.keys()], (row) => String(cells[row]))]
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, rows]) => rows);
  const size = Math.min(...members.map((rows) => rows.length));
  if (!Number.isFinite(size)) throw new UsageError("dfr: expected rows to fit on, received none");
  let [model, sum]: (LinearModel | undefined)[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const rows = members.flatMap((of, cell) =>
      random(seed, "dfr", draw, cell).shuffle(of).slice(0, size),
    );
    const part = new Float64Array(rows.length * d);
    rows.forEach((from, to) => part.set(x.subarray(from * d, (from + 1) * d), to * d));
    model = fitLogistic(
      { x: part, n: rows.length, d },
      Int32Array.from(rows, (row) => truth[row]!),
      { C, tolerance: TOLERANCE, ...(model && { start: model }) },
    );
    sum = sum ? added(sum, model) : model;
  }
  return classifierOf(scaledBy(sum!, 1 / draws), classes, d);
}

const added = (a: LinearModel, b: LinearModel): LinearModel => ({
  classes: a.classes,
  weight: a.weight.map((value, i) => value + b.weight[i]!),
  bias: a.bias.map((value, i) => value + b.bias[i]!),
});
const scaledBy = ({ classes, weight, bias }: LinearModel, factor: number): LinearModel => ({
  classes,
  weight: weight.map((value) => factor * value),
  bias: bias.map((value) => factor * value),
});
