/** @file Evening out counts with as few rows removed and added as possible. */

/**
 * New counts that sum to `quota` and are at most `tolerance` apart: the largest are cut and the smallest raised to a common
 * window (of width 0: at most 1 apart). None exceeds its cap; what a capped one cannot take the others get, so that only a
 * quota above the sum of all caps is missed. Units that do not divide evenly are added to the last of the smallest, or left
 * to the first of the largest, as if rows were added or removed one by one from the end.
 *
 * @param counts whole numbers of 0 or more, not empty
 * @param caps at least the counts; Infinity for none
 */
export function level(
  counts: readonly number[],
  caps: readonly number[],
  quota: number,
  tolerance: number,
): number[] {
  const total = sum(counts);
  const width = Math.min(tolerance, Math.max(...counts) - Math.min(...counts));
  const inWindow = (low: number): number[] =>
    counts.map((count, i) =>
      Math.max(0, Math.min(caps[i]!, Math.max(low, Math.min(count, low + width)))),
    );
  if (sum(caps) <= quota) return [...caps];

  // the highest window that does not exceed the quota
  let low = -width - 1;
  let high = quota + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (sum(inWindow(middle)) <= quota) low = middle;
    else high = middle;
  }
  const result = inWindow(low);
  const next = inWindow(low + 1);
  const rising = [...counts.keys()].filter((i) => next[i]! > result[i]!);
  const ordered = quota >= total ? rising.toReversed() : rising;
  // the largest first would stand further than the tolerance above the smallest
  const order = ordered.toSorted((a, b) => result[a]! - result[b]!);
  for (const i of order.slice(0, quota - sum(result))) result[i]!++;
  return result;
}

export const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
