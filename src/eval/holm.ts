/** @file Correction of p-values for how many tests there were. */

/**
 * Holm's step-down correction (1979; R `p.adjust`, statsmodels `multipletests(method="holm")`): the chance that any
 * true null hypothesis has a corrected p-value below a level is at most that level, however the tests depend.
 * @param tests how many there were, when only the smallest p-values are given
 * @returns in the order given
 */
export function holm(pValues: readonly number[], tests = pValues.length): number[] {
  const order = pValues.map((p, i) => ({ p, i })).toSorted((a, b) => a.p - b.p);
  const corrected = Array<number>(pValues.length);
  let largest = 0;
  order.forEach(({ p, i }, rank) => {
    largest = Math.max(largest, Math.min(1, p * (tests - rank)));
    corrected[i] = largest;
  });
  return corrected;
}
