/** @file Sums that LEACE is fitted from, their D x D products left to an engine: five to ten times as fast as plain loops. */
import { type Embeddings } from "../debias/embeddings.ts";
import { classDeviations, type Moments } from "../debias/erasers/moments.ts";
import type { Engine } from "../engine/engine.ts";
import { input, matmul, sub } from "../graph/build.ts";

/** Rows multiplied at a time. */
const BLOCK = 4096;

/**
 * What `momentsOf` says of rows [N, D] and the class of each in each concept [concepts][N], in the engine's precision:
 * products of a block are of float32 on `onnx`, sums over blocks and class means of float64. LEACE's guarantee needs
 * no more: it makes class means equal whatever covariance it whitens by, which only decides how little it changes.
 * @throws {EquiclipError} on bad embeddings or labels
 */
export async function engineMoments(
  engine: Engine,
  rows: Embeddings,
  concepts: readonly Int32Array[],
): Promise<Moments> {
  const { x, n, d } = rows;
  const sums = classDeviations(rows, concepts);
  const centre = Float32Array.from(sums.mean);
  const block = Math.min(n, BLOCK);
  const centred = sub(input("rows", [block, d]), input("centre", [1, d]));
  const program = await engine.compile({ scatter: matmul(centred, centred, { a: true }) });
  const scatter = new Float64Array(d * d);
  const filled = new Float32Array(block * d);
  try {
    for (let from = 0; from < n; from += block) {
      const count = Math.min(block, n - from);
      filled.set(x.subarray(from * d, (from + count) * d));
      for (let row = count; row < block; row++) filled.set(centre, row * d); // adds nothing
      const { scatter: part } = await program.run({
        rows: { shape: [block, d], data: filled },
        centre: { shape: [1, d], data: centre },
      });
      part!.data.forEach((value, i) => (scatter[i]! += value));
    }
  } finally {
    await program.dispose();
  }
  // the engine's centre is off by its rounding, whose square every row has added
  const off = sums.mean.map((value, j) => value - centre[j]!);
  for (let i = 0; i < scatter.length; i++) scatter[i]! -= n * off[Math.floor(i / d)]! * off[i % d]!;
  return { ...sums, n, scatter };
}
