/** @file Where the points of t-SNE and UMAP start: at their principal components. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import type { Progress } from "../../run/progress.ts";
import { random } from "../../run/random.ts";
import { fitPca } from "./pca.ts";

/** Whether there is one row, or all are the same: nothing to map. */
export function isOnePoint({ x, d }: Embeddings): boolean {
  return x.every((value, i) => value === x[i % d]);
}

/**
 * The first two principal components of rows [N, D], N of 2 or more, as points [N, 2]: times `scale` of them, and with
 * normal noise of that standard deviation, which parts equal rows and stands for a component that is not there.
 */
export async function principalStart(
  rows: Embeddings,
  seed: number,
  scale: (components: Float64Array) => number,
  noise: number,
  progress: Progress,
): Promise<Float64Array> {
  const { coordinates } = await fitPca(rows, 2, { progress });
  const { normal } = random(seed, "map", "start");
  const asked = scale(coordinates);
  const factor = Number.isFinite(asked) ? asked : 0; // rows so nearly equal that they have no component
  return coordinates.map((value) => factor * value + noise * normal());
}
