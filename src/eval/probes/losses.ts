/** @file Log-losses of two classes and of more: residuals, and derivatives along a line. */

/** A loss of logits [N, R], of which R rows of weights make one each. */
export interface LogLoss {
  readonly count: number;
  /** Logits of a model without weights: log shares of the classes. [R] */
  readonly prior: Float64Array;
  /** Second derivative by one logit there, for one unit of weight; of softmax on the mean over its classes. */
  readonly curvature: number;
  /**
   * First and second derivative of the loss at `logits + t * move` along `move`, and d loss / d logits there into
   * `residuals` [N, R].
   */
  readonly along: (
    logits: Float64Array,
    move: Float64Array,
    t: number,
    residuals: Float64Array,
  ) => readonly [first: number, second: number];
}

/**
 * @param truth class of each row, 0 to K - 1 [N]
 * @param weights of each row [N]
 * @param mass sum of the weights of each class, all above 0 [K]
 */
type MakeLoss = (truth: Int32Array, weights: Float64Array, mass: Float64Array) => LogLoss;

/** The logit is that of class 1 against class 0. */
export const binaryLoss: MakeLoss = (truth, weights, mass) => {
  const share = mass[1]! / (mass[0]! + mass[1]!);
  return {
    count: 1,
    prior: Float64Array.of(Math.log(mass[1]! / mass[0]!)),
    curvature: share * (1 - share),
    along(logits, move, t, residuals) {
      let first = 0;
      let second = 0;
      for (let i = 0; i < truth.length; i++) {
        const p = 1 / (1 + Math.exp(-(logits[i]! + t * move[i]!)));
        const residual = weights[i]! * (p - truth[i]!);
        residuals[i] = residual;
        first += residual * move[i]!;
        second += weights[i]! * p * (1 - p) * move[i]! * move[i]!;
      }
      return [first, second];
    },
  };
};

/** One logit a class. */
export const softmaxLoss: MakeLoss = (truth, weights, mass) => {
  const count = mass.length;
  const total = mass.reduce((a, b) => a + b, 0);
  const logs = mass.map(Math.log);
  const middle = logs.reduce((a, b) => a + b, 0) / count;
  return {
    count,
    prior: logs.map((log) => log - middle),
    curvature: mass.reduce((sum, m) => sum + (m / total) * (1 - m / total), 0) / (count - 1),
    along(logits, move, t, residuals) {
      let first = 0;
      let second = 0;
      for (let i = 0; i < truth.length; i++) {
        const [from, to] = [i * count, (i + 1) * count];
        let top = Number.NEGATIVE_INFINITY;
        for (let k = from; k < to; k++) top = Math.max(top, logits[k]! + t * move[k]!);
        let sum = 0;
        for (let k = from; k < to; k++)
          sum += residuals[k] = Math.exp(logits[k]! + t * move[k]! - top);
        let mean = 0;
        let square = 0;
        for (let k = from; k < to; k++) {
          const p = residuals[k]! / sum;
          mean += p * move[k]!;
          square += p * move[k]! * move[k]!;
          residuals[k] = weights[i]! * p;
        }
        residuals[from + truth[i]!]! -= weights[i]!;
        first += weights[i]! * (mean - move[from + truth[i]!]!);
        second += weights[i]! * (square - mean * mean);
      }
      return [first, second];
    },
  };
};
