/**
 * @file L2-regularised logistic regression: of two classes by one row of weights, of more by softmax.
 *
 * Minimises sum over rows of weight * log-loss + |W|^2 / (2 C), the intercept free: scikit-learn's `LogisticRegression`.
 * L-BFGS whose first guess of the Hessian comes from a sample of the rows. Logits are linear along a step, so that
 * the line search costs no pass over the rows.
 */
import { UsageError } from "../../run/errors.ts";
import { checkEmbeddings, type Embeddings } from "../../run/linalg/embeddings.ts";
import { dot } from "../../run/linalg/products.ts";
import { createCurvature } from "./lbfgs.ts";
import { scores } from "./linear.ts";
import { binaryLoss, softmaxLoss } from "./losses.ts";
import { createObjective } from "./objective.ts";

/** A fitted classifier: logits are W x + b. */
export interface LogisticModel {
  /** The label of each class, ascending. [K] */
  readonly classes: Int32Array;
  /** [R, D]; of two classes R is 1, and the logit that of the second against the first; of more R is K. */
  readonly weight: Float64Array;
  /** [R]; of softmax they sum to 0, as each column of the weights does. */
  readonly bias: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

export interface LogisticOptions {
  /** Inverse strength of the penalty, above 0; 1 by default. */
  readonly C?: number;
  /** Of each row, 0 or more; 1 by default. [N] */
  readonly weights?: Float64Array;
  /** A model of the same classes and dimensions to start from. */
  readonly start?: Pick<LogisticModel, "weight" | "bias">;
  /**
   * Converged when the gradient, in the norm of the Hessian's approximate inverse, is this share of that of a model
   * without weights; 1e-6 by default.
   */
  readonly tolerance?: number;
}

const LIMIT = 1000;

/**
 * @param labels class of each row, any whole numbers [N]
 * @throws {UsageError} on NaN, sizes that disagree, fewer than two classes with weight, or a C that is not above 0
 */
export function fitLogistic(
  rows: Embeddings,
  labels: Int32Array,
  { C = 1, weights, start, tolerance = 1e-6 }: LogisticOptions = {},
): LogisticModel {
  checkEmbeddings(rows);
  const { n, d } = rows;
  const importance = weights ?? new Float64Array(n).fill(1);
  const { classes, truth, mass } = classesOf(labels, importance, n);
  if (!(C > 0 && Number.isFinite(C)))
    throw new UsageError(`C: expected a number above 0, received ${C}`);
  const loss = (classes.length === 2 ? binaryLoss : softmaxLoss)(truth, importance, mass);
  const { count } = loss;
  const size = count * d; // of the weights; the biases follow them
  const ridge = 1 / C;
  const { logitsOf, gradientOf, solve, shiftOf } = createObjective({
    rows,
    weights: importance,
    ridge,
    loss,
  });
  const residuals = new Float64Array(n * count);
  const curvature = createCurvature();
  const standAt = (theta: Float64Array) => {
    const logits = logitsOf(theta);
    loss.along(logits, logits, 0, residuals);
    return { theta, logits, ...descentFrom(gradientOf(theta, residuals)) };
  };
  const descentFrom = (gradient: Float64Array) => {
    const step = curvature.descend(gradient, solve);
    return { gradient, step, slope: dot(gradient, 0, step, 0, step.length) };
  };

  const bare = new Float64Array(size + count);
  bare.set(loss.prior, size);
  let now = standAt(bare);
  const goal = tolerance ** 2 * now.slope; // a slope is the square of the gradient's norm, but for its sign
  if (start) {
    const theta = new Float64Array([...start.weight, ...start.bias]);
    for (let k = 0; k < count; k++) theta[size + k]! += shiftOf(theta, k);
    now = standAt(theta);
  }
  let iterations = 0;
  for (; now.slope < goal && iterations < LIMIT; iterations++) {
    const { theta, logits, gradient, step, slope } = now;
    const move = logitsOf(step);
    const [linear, square] = [dot(theta, 0, step, 0, size), dot(step, 0, step, 0, size)];
    const t = lineSearch(slope, (at) => {
      const [first, second] = loss.along(logits, move, at, residuals);
      return [first + ridge * (linear + at * square), second + ridge * square];
    });
    for (let i = 0; i < step.length; i++) theta[i]! += step[i]! *= t;
    for (let i = 0; i < move.length; i++) logits[i]! += t * move[i]!;
    const next = gradientOf(theta, residuals);
    curvature.learn(
      step,
      next.map((g, i) => g - gradient[i]!),
    );
    now = { theta, logits, ...descentFrom(next) };
  }
  const bias = now.theta.slice(size);
  for (let k = 0; k < count; k++) bias[k]! -= shiftOf(now.theta, k);
  const weight = now.theta.slice(0, size);
  return { classes, weight, bias, iterations, converged: now.slope >= goal };
}

/** Logits of rows [N, D], [N, R]. */
export function logits({ weight, bias }: LogisticModel, rows: Embeddings): Float64Array {
  const out = new Float64Array(rows.n * bias.length);
  scores(rows, weight, out);
  for (let from = 0; from < out.length; from += bias.length)
    for (let k = 0; k < bias.length; k++) out[from + k]! += bias[k]!;
  return out;
}

/** Probability of each of the model's classes, [N, K]. */
export function probabilities(model: LogisticModel, rows: Embeddings): Float64Array {
  const z = logits(model, rows);
  const k = model.classes.length;
  if (k === 2)
    return Float64Array.from({ length: 2 * rows.n }, (_, i) => {
      const logit = z[i >> 1]!;
      return 1 / (1 + Math.exp(i % 2 === 0 ? logit : -logit));
    });
  for (let from = 0; from < z.length; from += k) {
    const row = z.subarray(from, from + k);
    const top = row.reduce((a, b) => Math.max(a, b));
    let sum = 0;
    for (let i = 0; i < k; i++) sum += row[i] = Math.exp(row[i]! - top);
    for (let i = 0; i < k; i++) row[i]! /= sum;
  }
  return z;
}

/** The label of the most probable class of each row, [N]; of equals the first. */
export function predict(model: LogisticModel, rows: Embeddings): Int32Array {
  const z = logits(model, rows);
  const k = model.bias.length;
  return Int32Array.from({ length: rows.n }, (_, row) => {
    if (k === 1) return model.classes[Number(z[row]! > 0)]!;
    let best = 0;
    for (let c = 1; c < k; c++) if (z[row * k + c]! > z[row * k + best]!) best = c;
    return model.classes[best]!;
  });
}

/** A slope that much flatter than at the start ends a line search; less would cost more than it saves. */
const FLAT = 0.1;

/** Where a convex function that falls by `slope` at 0 is almost flat: Newton's method, kept between falling and rising. */
function lineSearch(
  slope: number,
  derivatives: (t: number) => readonly [first: number, second: number],
): number {
  let [falling, rising, t] = [0, Number.POSITIVE_INFINITY, 1];
  for (let tries = 0; tries < 30; tries++) {
    const [first, second] = derivatives(t);
    if (Math.abs(first) <= FLAT * Math.abs(slope)) break;
    if (first < 0) falling = t;
    else rising = t;
    const newton = t - first / second;
    const inside = newton > falling && newton < rising;
    t = inside ? newton : Number.isFinite(rising) ? (falling + rising) / 2 : 2 * t;
  }
  return t;
}

function classesOf(labels: Int32Array, weights: Float64Array, n: number) {
  if (labels.length !== n || weights.length !== n)
    throw new UsageError(
      `labels and weights: expected one for each of ${n} rows, received ${labels.length} and ${weights.length}`,
    );
  const classes = new Int32Array(new Set(labels)).sort();
  const index = new Map([...classes].map((label, k) => [label, k]));
  const truth = labels.map((label) => index.get(label)!);
  const mass = new Float64Array(classes.length);
  for (let i = 0; i < n; i++) mass[truth[i]!]! += weights[i]!;
  if (mass.length < 2 || !mass.every((m) => m > 0))
    throw new UsageError(
      `labels: expected two classes or more, each with weight, received ${mass.filter((m) => m > 0).length}`,
    );
  return { classes, truth, mass };
}
