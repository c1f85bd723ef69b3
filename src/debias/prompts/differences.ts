/** @file Differences between texts that are alike but for one class. */
import type { Embeddings } from "../embeddings.ts";

/**
 * z_i - z_j of the first row of a class and the first of another, the second and the second, and so on: texts of one
 * template, where every class has the same templates in the same order. `within` keeps pairs to equal numbers. [P, D]
 */
export function matchedDifferences(
  { x, n, d }: Embeddings,
  labels: Int32Array,
  within: Int32Array = new Int32Array(n),
): Embeddings {
  const seen = new Map<string, number>();
  const place = Array.from(labels, (label, row) => {
    const cell = `${within[row]} ${label}`;
    const at = seen.get(cell) ?? 0;
    seen.set(cell, at + 1);
    return at;
  });
  const out: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++)
      if (within[i] === within[j] && place[i] === place[j] && labels[i] !== labels[j])
        for (let c = 0; c < d; c++) out.push(x[i * d + c]! - x[j * d + c]!);
  return { x: Float64Array.from(out), n: out.length / d, d };
}

/** The rows that `keep` names, in their order. */
export function rowsWhere({ x, n, d }: Embeddings, keep: (row: number) => boolean): Embeddings {
  const rows = Array.from({ length: n }, (_, row) => row).filter(keep);
  const out = new Float64Array(rows.length * d);
  rows.forEach((row, to) => out.set(x.subarray(row * d, (row + 1) * d), to * d));
  return { x: out, n: rows.length, d };
}
