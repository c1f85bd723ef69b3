/** @file Student's t distribution for whole degrees of freedom. */

/**
 * P(|T| <= t) for the angle atan(t / sqrt(df)): a finite sum (Abramowitz and Stegun 26.7.3 and 26.7.4).
 * @param df 1 or more, whole
 */
function within(angle: number, df: number): number {
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = df % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = df === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k < df; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

/** Two-sided p-value: P(|T| >= |t|); scipy's `2 * t.sf(abs(t), df)`, to 1e-15. */
export const twoSidedT = (t: number, df: number): number =>
  Math.max(0, 1 - within(Math.atan(Math.abs(t) / Math.sqrt(df)), df));

/** The t with P(|T| <= t) = `level`, such as 0.95; scipy's `t.ppf((1 + level) / 2, df)`. */
export function twoSidedQuantile(level: number, df: number): number {
  let [low, high] = [0, Math.PI / 2];
  for (let middle = high / 2; low < middle && middle < high; middle = (low + high) / 2) {
    if (within(middle, df) < level) low = middle;
    else high = middle;
  }
  return Math.sqrt(df) * Math.tan(low);
}
