/** @file Columns scaled to mean 0 and variance 1 of some rows, and the same scaling of others. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";

/** A column that varies less, relative to its mean, holds nothing but the rounding of float32. */
const ROUNDING = 1e-7;

/** Takes rows of embeddings by number, [n, D]. */
export type Take = (from: Embeddings, rows: Int32Array) => Embeddings;

/** Standardises on the `train` rows of embeddings; columns that are constant there become 0. */
export function standardiser({ x, d }: Embeddings, train: Int32Array): Take {
  const mean = new Float64Array(d);
  for (const row of train) for (let j = 0; j < d; j++) mean[j]! += x[row * d + j]! / train.length;
  const scale = new Float64Array(d);
  for (const row of train)
    for (let j = 0; j < d; j++) scale[j]! += (x[row * d + j]! - mean[j]!) ** 2;
  for (let j = 0; j < d; j++) {
    const sd = Math.sqrt(scale[j]! / train.length);
    scale[j] = sd > ROUNDING * Math.abs(mean[j]!) ? 1 / sd : 0;
  }
  return (from, rows) => {
    const out = new Float32Array(rows.length * d);
    for (let i = 0; i < rows.length; i++)
      for (let j = 0, at = rows[i]! * d; j < d; j++, at++)
        out[i * d + j] = (from.x[at]! - mean[j]!) * scale[j]!;
    return { x: out, n: rows.length, d };
  };
}
