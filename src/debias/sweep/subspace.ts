/** @file A concept's subspace as the study of projections found it, and as it should: what is centred on what, and why it matters. */
import { UsageError } from "../../run/errors.ts";
import { type Embeddings, classCount } from "../embeddings.ts";
import { type Directions, type Eraser, createEraser } from "../eraser.ts";
import { principalDirections } from "../erasers/principal.ts";
import { rightSingular } from "../../run/linalg/decompositions.ts";
import { classMeans, dot, scatter } from "../../run/linalg/products.ts";

/**
 * What rows are centred on before the PCA. `class`, as published: each on the mean of its own class, which takes the
 * difference between classes away. `pairs`: each of two matched rows on their middle (Liang et al. 2020). `common`: all
 * on the mean of the class means.
 */
export const CENTRINGS = ["class", "pairs", "common"] as const;
export type Centring = (typeof CENTRINGS)[number];

/** Rows with their classes, and differences of matched items that `pairs` centring alone reads. */
export interface SubspaceRows extends Embeddings {
  /** [N] */
  readonly labels: Int32Array;
  /** a - b of each pair; a less the middle of a and b is half of it, and b its opposite. [P, D] */
  readonly differences: Embeddings;
}

/** Directions with what they hold. */
export interface Subspace {
  /** All directions that have variance, k of them in use: none. */
  readonly eraser: Eraser;
  /**
   * At each k, the length of the differences of class means projected on the first k directions, over their own length:
   * near 0 where the subspace misses the concept, near 1 where it holds it. Null when the means are equal. [R]
   */
  readonly signal: readonly number[] | null;
}

/** Shares of variance below this are rounding. */
const NOTHING = 1e-12;

/**
 * Fits the principal directions of one or several sets of rows: pooled, they are centred together, so that images and
 * texts of one class share a mean.
 * @throws {UsageError} when pairs are wanted and there are none
 */
export function fitSubspace(sets: readonly SubspaceRows[], centring: Centring): Subspace {
  const rows = pooled(sets);
  const { d, labels } = rows;
  const means = classMeans(rows, labels, classCount(labels));
  const { read, share } = directionsOf(centred(rows, centring, means.means));
  const rank = share.findIndex((value) => value < NOTHING);
  const r = rank < 0 ? share.length : rank;
  const eraser = createEraser(
    `pca-${centring}`,
    {
      centre: new Float64Array(d),
      read: read.subarray(0, r * d),
      write: read.subarray(0, r * d),
      share: share.subarray(0, r),
    },
    0,
  );
  return { eraser, signal: signalOf(eraser, means.means, means.counts) };
}

/** Rows less what they are centred on; of pairs their differences. */
function centred(rows: SubspaceRows, centring: Centring, means: Float64Array): Embeddings {
  const { x, n, d, labels, differences } = rows;
  if (centring === "pairs") {
    if (differences.n > 0) return differences;
    throw new UsageError(
      "pairs: no two rows differ in the attribute alone; expected matched rows, or another centring",
    );
  }
  const common = meanOfMeans(means, d);
  const out = Float64Array.from(x);
  for (let row = 0; row < n; row++)
    for (let j = 0; j < d; j++)
      out[row * d + j]! -= centring === "class" ? means[labels[row]! * d + j]! : common[j]!;
  return { x: out, n, d };
}

/** Principal directions of centred rows; of few rows by their singular vectors, which are cheaper then. */
function directionsOf(rows: Embeddings): Pick<Directions, "read" | "share"> {
  const { x, n, d } = rows;
  if (4 * n > d) return principalDirections(scatter(rows, new Float64Array(d)), d);
  const { values, vectors } = rightSingular(Float64Array.from(x), d);
  const squares = values.map((value) => value * value);
  const total = squares.reduce((sum, value) => sum + value, 0) || 1;
  return { read: vectors, share: squares.map((value) => value / total) };
}

function meanOfMeans(means: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d);
  means.forEach((value, i) => (out[i % d]! += (value * d) / means.length));
  return out;
}

/** Sets as one. */
function pooled(sets: readonly SubspaceRows[]): SubspaceRows {
  const together = (of: readonly Embeddings[]): Embeddings => ({
    x: Float64Array.from(of.flatMap(({ x }) => [...x])),
    n: of.reduce((sum, { n }) => sum + n, 0),
    d: of[0]!.d,
  });
  return {
    ...together(sets),
    labels: Int32Array.from(sets.flatMap(({ labels }) => [...labels])),
    differences: together(sets.map(({ differences }) => differences)),
  };
}

/** Over every two classes that have rows. */
function signalOf(
  { read, d, share }: Eraser,
  means: Float64Array,
  counts: Float64Array,
): number[] | null {
  const present = [...counts.keys()].filter((c) => counts[c]! > 0);
  const between = present.flatMap((a, i) =>
    present
      .slice(i + 1)
      .map((b) =>
        Float64Array.from({ length: d }, (_, j) => means[a * d + j]! - means[b * d + j]!),
      ),
  );
  const whole = between.reduce((sum, v) => sum + dot(v, 0, v, 0, d), 0);
  if (whole === 0) return null;
  let kept = 0;
  return Array.from({ length: share.length }, (_, k) => {
    for (const v of between) kept += dot(v, 0, read, k * d, d) ** 2;
    return Math.sqrt(Math.min(1, kept / whole));
  });
}
