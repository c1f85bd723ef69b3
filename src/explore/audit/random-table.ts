/** @file Random tables with given margins: what permuting labels does to a table, without permuting them. */
import type { Uniform } from "../../eval/uncertainty/binomial.ts";

/** ln k! for k from 0 to n. [n + 1] */
export function logFactorials(n: number): Float64Array {
  const out = new Float64Array(n + 1);
  for (let k = 2; k <= n; k++) out[k] = out[k - 1]! + Math.log(k);
  return out;
}

/**
 * Marked rows among `k` drawn without replacement from `rows`, `members` of which are marked: inversion outwards from
 * the likeliest number, so that it takes about as many steps as the standard deviation is large.
 * @param logFactorial up to `rows`
 */
export function drawHypergeometric(
  rows: number,
  members: number,
  k: number,
  logFactorial: Float64Array,
  next: Uniform,
): number {
  const [least, most] = [Math.max(0, k - (rows - members)), Math.min(k, members)];
  if (least === most) return least;
  const mode = Math.min(most, Math.max(least, Math.floor(((k + 1) * (members + 1)) / (rows + 2))));
  const choose = (n: number, of: number): number =>
    logFactorial[n]! - logFactorial[of]! - logFactorial[n - of]!;
  const peak = Math.exp(choose(members, mode) + choose(rows - members, k - mode) - choose(rows, k));
  const others = rows - members - k;
  for (;;) {
    let u = next() - peak;
    if (u < 0) return mode;
    let [low, high, below, above] = [mode, mode, peak, peak];
    while (low > least || high < most) {
      if (high < most) {
        above *= ((members - high) * (k - high)) / ((high + 1) * (others + high + 1));
        high++;
        u -= above;
        if (u < 0) return high;
      }
      if (low > least) {
        below *= (low * (others + low)) / ((members - low + 1) * (k - low + 1));
        low--;
        u -= below;
        if (u < 0) return low;
      }
    }
    // all chances summed to a little less than 1, and the draw fell beyond: once more
  }
}

/**
 * Draws a table with these margins, as likely as permutations of the labels make it (Patefield 1981): row by row, column
 * by column, each count given those before.
 * @param row sums, [rows]
 * @param column sums, [columns], with the same total
 * @param out row-major, [rows * columns]
 * @param left memory for what is left of the columns, [columns]
 * @param logFactorial up to the total
 */
export function drawTable(
  row: Float64Array,
  column: Float64Array,
  out: Float64Array,
  left: Float64Array,
  logFactorial: Float64Array,
  next: Uniform,
): void {
  left.set(column);
  let total = column.reduce((sum, n) => sum + n, 0);
  for (let r = 0, at = 0; r < row.length; r++) {
    let [wanted, pool] = [row[r]!, total];
    for (let c = 0; c < column.length; c++, at++) {
      const members = left[c]!;
      const drawn = wanted > 0 ? drawHypergeometric(pool, members, wanted, logFactorial, next) : 0;
      out[at] = drawn;
      wanted -= drawn;
      pool -= members;
      left[c] = members - drawn;
    }
    total -= row[r]!;
  }
}
