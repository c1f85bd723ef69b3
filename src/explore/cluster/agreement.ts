/** @file How far two partitions of the same rows agree. */
import { UsageError } from "../../run/errors.ts";

/** Of a clustering with labels, or with another clustering. 1 is full agreement. */
export interface Scores {
  readonly rows: number;
  /** Adjusted Rand index (Hubert and Arabie 1985): 0 is what chance gives. */
  readonly ari: number | null;
  /** Mutual information over the mean of both entropies. */
  readonly nmi: number | null;
  /** Share of rows that are of the most frequent label of their cluster; grows with the number of clusters. */
  readonly purity: number | null;
  /** Why they are null. */
  readonly reason: string | null;
}

export interface Agreement extends Scores {
  /** Share of rows that the clustering calls noise. */
  readonly noise: number | null;
  /** Of the rows that are noise on neither side. */
  readonly withoutNoise: Scores;
}

/**
 * Agreement of cluster labels with labels of rows, both integers of any kind; labels below 0 are noise, which the first
 * scores take as a cluster like any other, as scikit-learn does. Null without rows. @throws {UsageError} when lengths differ
 */
export function agreement(clusters: ArrayLike<number>, labels: ArrayLike<number>): Agreement {
  const n = clusters.length;
  if (labels.length !== n)
    throw new UsageError(`agreement: expected ${n} labels, one a row, received ${labels.length}`);
  const rows = Array.from({ length: n }, (_, i) => i);
  const noise = rows.filter((i) => clusters[i]! < 0).length;
  const kept = rows.filter((i) => clusters[i]! >= 0 && labels[i]! >= 0);
  return {
    ...scores(rows, clusters, labels),
    noise: n === 0 ? null : noise / n,
    withoutNoise: scores(kept, clusters, labels),
  };
}

function scores(
  rows: readonly number[],
  clusters: ArrayLike<number>,
  labels: ArrayLike<number>,
): Scores {
  const n = rows.length;
  if (n === 0) return { rows: 0, ari: null, nmi: null, purity: null, reason: "no rows" };
  const table = new Map<number, Map<number, number>>(); // cluster -> label -> rows
  const sizes = new Map<number, number>(); // of labels
  for (const i of rows) {
    const row = table.get(clusters[i]!) ?? new Map<number, number>();
    table.set(clusters[i]!, row);
    row.set(labels[i]!, (row.get(labels[i]!) ?? 0) + 1);
    sizes.set(labels[i]!, (sizes.get(labels[i]!) ?? 0) + 1);
  }
  const sum = (values: Iterable<number>, of: (value: number) => number): number => {
    let total = 0;
    for (const value of values) total += of(value);
    return total;
  };
  const cells = [...table.values()].flatMap((row) => [...row.values()]);
  const clusterSizes = [...table.values()].map((row) => sum(row.values(), (count) => count));
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  const [both, a, b] = [sum(cells, pairs), sum(clusterSizes, pairs), sum(sizes.values(), pairs)];
  const chance = n > 1 ? (a * b) / pairs(n) : 0;
  const most = (a + b) / 2;
  const entropy = (counts: Iterable<number>): number =>
    sum(counts, (count) => -(count / n) * Math.log(count / n));
  const [hA, hB] = [entropy(clusterSizes), entropy(sizes.values())];
  const information = Math.max(0, hA + hB - entropy(cells));
  return {
    rows: n,
    // both sides are one cluster, or one for each row: they are the same
    ari: most === chance ? 1 : (both - chance) / (most - chance),
    nmi: hA + hB === 0 ? 1 : Math.min(1, (2 * information) / (hA + hB)),
    purity: purityOf(table) / n,
    reason: null,
  };
}

const purityOf = (table: ReadonlyMap<number, ReadonlyMap<number, number>>): number =>
  [...table.values()].reduce((sum, row) => sum + Math.max(...row.values()), 0);
