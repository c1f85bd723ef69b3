/** @file Labels, which are any whole numbers, as classes counted from 0. */

/** The labels there are, ascending. */
export const distinct = (...columns: readonly Int32Array[]): Int32Array =>
  Int32Array.from(new Set(columns.flatMap((labels) => [...new Set(labels)]))).sort();

/** The place of each label among `classes`, [N]. */
export function ranks(labels: Int32Array, classes: Int32Array): Int32Array {
  const place = new Map([...classes].map((label, k) => [label, k]));
  return labels.map((label) => place.get(label)!);
}
