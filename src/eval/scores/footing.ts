/** @file The rows of each group that its score metrics rest on. */
import type { ScoreTable } from "./table.ts";

/** How many, and how many independent rows of weight 1 they are worth. */
export interface Worth {
  readonly rows: number;
  /** (sum w)^2 / sum w^2 (Kish 1965), w the weights of rows, or of clusters. */
  readonly effective: number;
}

/** Of one group: the rows that have a score, and for each class measured against the rest those of it and the others. */
export interface Footing {
  readonly all: Worth;
  readonly positives: readonly Worth[];
  readonly negatives: readonly Worth[];
}

/** @param group of every row, or -1, [M] */
export function footingsOf(table: ScoreTable, group: Int32Array, groups: number): Footing[] {
  const worth = (is: (r: number) => boolean): Worth[] => worthBy(table, group, groups, is);
  const all = worth(() => true);
  const positives = table.views.map(({ outcome }) => worth((r) => outcome[r] === 1));
  const negatives = table.views.map(({ outcome }) => worth((r) => outcome[r] === 0));
  return all.map((of, g) => ({
    all: of,
    positives: positives.map((by) => by[g]!),
    negatives: negatives.map((by) => by[g]!),
  }));
}

function worthBy(
  { weight, cluster }: ScoreTable,
  group: Int32Array,
  groups: number,
  is: (r: number) => boolean,
): Worth[] {
  const sums = Array.from({ length: groups }, () => ({ rows: 0, weight: 0, squares: 0 }));
  const clusters = Array.from({ length: groups }, () => new Map<number, number>());
  for (let r = 0; r < group.length; r++) {
    const g = group[r]!;
    if (g < 0 || !is(r)) continue;
    const of = sums[g]!;
    const w = weight[r]!;
    // weights w + w' of one unit: (w + w')^2 = w^2 + w'^2 + 2 w w'
    const before = cluster ? (clusters[g]!.get(cluster[r]!) ?? 0) : 0;
    if (cluster) clusters[g]!.set(cluster[r]!, before + w);
    of.rows += 1;
    of.weight += w;
    of.squares += w * w + 2 * before * w;
  }
  return sums.map(({ rows, weight: total, squares }) => ({
    rows,
    effective: squares > 0 ? total ** 2 / squares : 0,
  }));
}
