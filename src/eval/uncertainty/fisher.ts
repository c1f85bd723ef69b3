/** @file Fisher's exact test of two shares. */

/**
 * Natural logarithm of the chance that, with the margins given, the first of two samples has at least `a` of its `n`
 * rows marked (Fisher 1935; scipy `fisher_exact(alternative="greater")`). Counts need not be whole: the binomials are
 * those of the gamma function, so effective numbers of rows can be tested too.
 * @param a marked rows of the first sample, of `n` in all
 * @param b marked rows of the second sample, of `m` in all
 */
export function logFisherGreater(a: number, n: number, b: number, m: number): number {
  const marked = a + b;
  if (a <= Math.max(0, marked - m)) return 0; // it cannot have fewer
  const least = logChoose(n, a) + logChoose(m, b) - logChoose(n + m, marked); // ln P(exactly a)
  let term = 1;
  let sum = 1;
  for (let k = a; k < n && k < marked && term > sum * 1e-17; k++) {
    term *= ((marked - k) * (n - k)) / ((k + 1) * (m - marked + k + 1));
    sum += term;
  }
  return Math.min(0, least + Math.log(sum));
}

const logChoose = (n: number, k: number): number =>
  logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

const HALF_LOG_TAU = Math.log(2 * Math.PI) / 2;

/** ln gamma(x) for x > 0: Stirling's series (Abramowitz and Stegun 6.1.41) from 10 up, the recurrence below. */
function logGamma(x: number): number {
  let shift = 1;
  while (x < 10) shift *= x++;
  const y = 1 / (x * x);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TAU + series - Math.log(shift);
}
