/** @file P-values by permutation: what chance alone does when values are dealt out to clusters anew. */
import { uniform, type Uniform } from "../../eval/uncertainty/binomial.ts";

/** Shuffles in place (Fisher and Yates). */
function shuffle(values: Float64Array, next: Uniform): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    const swap = values[i]!;
    values[i] = values[j]!;
    values[j] = swap;
  }
}

/**
 * The share of permutations whose statistic is at least the one observed, which counts as one of them
 * (Davison and Hinkley 1997, 4.2).
 * @param values shuffled again and again; a copy is taken
 * @param statistic of values in that order, larger for less likely
 * @param stream names the random stream
 */
export function permutationP(
  values: Float64Array,
  statistic: (values: Float64Array) => number,
  permutations: number,
  ...stream: readonly (string | number)[]
): number {
  const next = uniform("permutation", ...stream);
  const observed = statistic(values);
  const limit = observed - 1e-12 * Math.abs(observed); // equal tables may differ in the last bit
  const dealt = values.slice();
  let beyond = 1;
  for (let i = 0; i < permutations; i++) {
    shuffle(dealt, next);
    if (statistic(dealt) >= limit) beyond++;
  }
  return beyond / (1 + permutations);
}

/** Rows by cluster: those of cluster c are order[start[c]] to order[start[c + 1] - 1], ascending. */
export interface ByCluster {
  readonly order: Int32Array;
  readonly start: Int32Array; // [clusters + 1]
}

/** @param keep rows that are looked at; noise never is */
export function rowsByCluster(
  labels: Int32Array,
  clusters: number,
  keep: (row: number) => boolean = () => true,
): ByCluster {
  const start = new Int32Array(clusters + 1);
  labels.forEach((cluster, row) => {
    if (cluster >= 0 && keep(row)) start[cluster + 1]! += 1;
  });
  for (let c = 0; c < clusters; c++) start[c + 1]! += start[c]!;
  const order = new Int32Array(start[clusters]!);
  const next = start.slice();
  labels.forEach((cluster, row) => {
    if (cluster >= 0 && keep(row)) order[next[cluster]!++] = row;
  });
  return { order, start };
}
