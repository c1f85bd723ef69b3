/** @file Rows of well-parted groups. */
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import { random } from "../../../src/run/random.ts";

/** Groups of `size` rows each in turn, ten standard deviations apart in `d` dimensions. */
export function blobs(
  groups: number,
  size: number,
  d: number,
  seed: string,
): Embeddings & { readonly labels: readonly number[] } {
  const { normal } = random("blobs", groups, d);
  const centres = Float64Array.from({ length: groups * d }, () => 10 * normal());
  const noise = random("blobs", seed);
  const labels = Array.from({ length: groups * size }, (_, i) => i % groups);
  const x = Float32Array.from(
    labels.flatMap((label) =>
      Array.from({ length: d }, (_, j) => centres[label * d + j]! + noise.normal()),
    ),
  );
  return { x, n: labels.length, d, labels };
}

/** The label of the nearest of some labelled points [n, 2] to each point [m, 2]. */
export const nearestLabels = (
  points: Float64Array,
  map: Float64Array,
  labels: readonly number[],
): number[] =>
  Array.from({ length: points.length / 2 }, (_, i) => {
    const away = (j: number): number =>
      Math.hypot(points[2 * i]! - map[2 * j]!, points[2 * i + 1]! - map[2 * j + 1]!);
    return labels.reduce((best, _, j) => (away(j) < away(best) ? j : best), 0);
  }).map((j) => labels[j]!);
