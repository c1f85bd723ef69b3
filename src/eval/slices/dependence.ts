/** @file How far weighted and clustered rows are from independent draws of a coin. */

interface Rows {
  /** Ascending, [M]; null when rows are independent and weigh 1. */
  readonly cluster: Int32Array | null;
  readonly weight: Float64Array; // [M]
  readonly bad: Uint8Array; // [M]
}

/** How rows vary, over all of them. */
export interface Dependence {
  /** Variance of the outcome of a row over that of a coin of the same share: above 1 when weights go with outcomes. */
  readonly dispersion: number;
  /** Of the outcomes of two rows of one cluster, in [0, 1]. */
  readonly correlation: number;
}

/**
 * Means of squared residuals over rows, and of their products over the pairs of a cluster. The sums of clusters lose one
 * degree of freedom to the overall share, as if there were (sum W)^2 / sum W^2 of them.
 */
export function dependenceOf({ cluster, weight, bad }: Rows): Dependence {
  if (cluster === null) return { dispersion: 1, correlation: 0 };
  let [total, wrong] = [0, 0];
  weight.forEach((w, m) => {
    total += w;
    wrong += w * bad[m]!;
  });
  const share = wrong / total;
  let [own, ownResiduals, squares, residuals] = [0, 0, 0, 0];
  for (const [from, to] of runs(cluster)) {
    let [sum, residual] = [0, 0];
    for (let m = from; m < to; m++) {
      const w = weight[m]!;
      const r = w * (bad[m]! - share);
      own += w * w;
      ownResiduals += r * r;
      sum += w;
      residual += r;
    }
    squares += sum * sum;
    residuals += residual * residual;
  }
  const variance = ownResiduals / own;
  const dispersion = Math.max(1, variance / (share * (1 - share)));
  if (squares <= own) return { dispersion, correlation: 0 }; // every cluster is one row
  const clusters = (total * total) / squares;
  const products = (residuals * clusters) / (clusters - 1) - ownResiduals;
  const correlation = products / ((squares - own) * variance);
  // not a number, or infinite, when there is one cluster or one outcome
  return { dispersion, correlation: correlation <= 1 ? Math.max(0, correlation) : 1 };
}

/** Where each run of equal values begins and ends. */
export function* runs(values: Int32Array): Generator<readonly [from: number, to: number]> {
  for (let from = 0, to = 0; from < values.length; from = to) {
    while (to < values.length && values[to] === values[from]) to++;
    yield [from, to];
  }
}
