/** @file The order of clusters: by size, so that labels do not depend on how they were found. */

/**
 * Labels 0 to clusters - 1 by descending size, ties by first row; `order` names the old label of each. Negative labels
 * become -1, and labels that no row has are left out.
 */
export function bySize(labels: Int32Array): { labels: Int32Array; order: number[] } {
  const sizes = new Map<number, number>(); // in the order of first rows, which the sort keeps
  for (const label of labels) if (label >= 0) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const order = [...sizes.keys()].sort((a, b) => sizes.get(b)! - sizes.get(a)!);
  const renamed = new Map(order.map((old, label) => [old, label]));
  return { labels: labels.map((label) => renamed.get(label) ?? -1), order };
}
