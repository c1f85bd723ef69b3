/**
 * @file Sums over rows that LEACE needs, in one pass over batches of any size: means, scatter, and the cross-scatter
 * with each concept's one-hot columns. Every sum is of deviations from a mean, so a large common mean costs no digits.
 */
import { UsageError } from "../../run/errors.ts";
import { checkEmbeddings, checkLabels, classCount, type Embeddings } from "../embeddings.ts";
import { scatter } from "../../run/linalg/products.ts";

/** What one concept's classes add. */
export interface ClassSums {
  /** Rows of each class. [C] */
  readonly counts: Float64Array;
  /** Sum of x - mean over the rows of each class: the cross-scatter with its 0/1 column. [C, D] */
  readonly deviations: Float64Array;
}

/** Sums over `n` rows. */
export interface Moments {
  readonly n: number;
  /** [D] */
  readonly mean: Float64Array;
  /** Sum of (x - mean)(x - mean)'. [D, D] */
  readonly scatter: Float64Array;
  /** Of each concept. */
  readonly concepts: readonly ClassSums[];
}

/**
 * Moments of rows [N, D] with the class of each row in each concept [concepts][N]. A batch need not have every class;
 * a few thousand rows at a time pay for the D x D sums.
 * @throws {EquiclipError} on bad embeddings or labels
 */
export function momentsOf(rows: Embeddings, concepts: readonly Int32Array[]): Moments {
  const sums = classDeviations(rows, concepts);
  return { ...sums, n: rows.n, scatter: scatter(rows, sums.mean) };
}

/**
 * The part of `momentsOf` that costs no D x D sums.
 * @throws {EquiclipError} on bad embeddings or labels
 */
export function classDeviations(
  rows: Embeddings,
  concepts: readonly Int32Array[],
): Pick<Moments, "mean" | "concepts"> {
  for (const labels of concepts) checkLabels(labels, rows.n);
  const { x, n, d } = rows;
  // sums are of deviations from the first row, so that a large common mean costs no digits
  const origin = new Float64Array(d);
  origin.set(x.subarray(0, d)); // none when there are no rows
  const all = classSums(rows, new Int32Array(n), 1, origin);
  if (x.length !== n * d || !all.deviations.every(Number.isFinite)) checkEmbeddings(rows); // names the place
  const shift = all.deviations.map((sum) => sum / Math.max(1, n)); // from the origin to the mean
  return {
    mean: origin.map((value, j) => value + shift[j]!),
    concepts: concepts.map((labels) => {
      const { counts, deviations } = classSums(rows, labels, classCount(labels), origin);
      return {
        counts,
        deviations: deviations.map((sum, i) => sum - counts[Math.floor(i / d)]! * shift[i % d]!),
      };
    }),
  };
}

function classSums(
  { x, n, d }: Embeddings,
  labels: Int32Array,
  classes: number,
  origin: Float64Array,
): ClassSums {
  const counts = new Float64Array(classes);
  const deviations = new Float64Array(classes * d);
  for (let row = 0; row < n; row++) {
    const to = labels[row]! * d;
    counts[labels[row]!]!++;
    for (let j = 0; j < d; j++) deviations[to + j]! += x[row * d + j]! - origin[j]!;
  }
  return { counts, deviations };
}

/**
 * Moments of the rows of both, by the pairwise update of Chan, Golub and LeVeque 1979 (Updating formulae and a pairwise
 * algorithm for computing sample variances): with delta = mean_b - mean_a,
 * mean = mean_a + delta n_b / n and scatter = scatter_a + scatter_b + delta delta' n_a n_b / n.
 * @throws {UsageError} when dimensions or numbers of concepts differ
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  const d = a.mean.length;
  if (b.mean.length !== d || b.concepts.length !== a.concepts.length)
    throw new UsageError(
      `moments: expected ${d} dimensions and ${a.concepts.length} concepts in every batch, received ${b.mean.length} and ${b.concepts.length}`,
    );
  const n = a.n + b.n;
  if (n === 0) return a;
  const delta = b.mean.map((value, j) => value - a.mean[j]!);
  const weight = (a.n * b.n) / n;
  return {
    n,
    mean: a.mean.map((value, j) => value + (delta[j]! * b.n) / n),
    scatter: a.scatter.map(
      (value, i) => value + b.scatter[i]! + weight * delta[Math.floor(i / d)]! * delta[i % d]!,
    ),
    concepts: a.concepts.map((sums, i) =>
      mergeClassSums(sums, b.concepts[i]!, delta, b.n / n, a.n / n),
    ),
  };
}

/** The common mean lies `shareB` of delta after that of `a`, and `shareA` of it before that of `b`. */
function mergeClassSums(
  a: ClassSums,
  b: ClassSums,
  delta: Float64Array,
  shareB: number,
  shareA: number,
): ClassSums {
  const d = delta.length;
  const classes = Math.max(a.counts.length, b.counts.length);
  const count = (sums: ClassSums, c: number): number => sums.counts[c] ?? 0;
  return {
    counts: Float64Array.from({ length: classes }, (_, c) => count(a, c) + count(b, c)),
    deviations: Float64Array.from({ length: classes * d }, (_, i) => {
      const shift = count(b, Math.floor(i / d)) * shareA - count(a, Math.floor(i / d)) * shareB;
      return (a.deviations[i] ?? 0) + (b.deviations[i] ?? 0) + shift * delta[i % d]!;
    }),
  };
}
