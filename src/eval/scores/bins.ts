/** @file Calibration bins: what rows of about the same score were given, and what they turned out to be. */

/** Equal-width bins of a score: (lower, upper], and 0 in the first (Guo et al. 2017). */
export const BINS = 15;
export const binOf = (score: number): number =>
  Math.min(BINS - 1, Math.max(0, Math.ceil(BINS * score) - 1));

/** Scores and what they foretell, of M rows. */
export interface Foretold {
  readonly score: Float64Array;
  /** 1 or 0, whether it was so. */
  readonly outcome: Uint8Array;
  readonly bin: Uint8Array;
}

/** Of the same rows. */
export interface Weighed {
  readonly weight: Float64Array;
  /** Rows of one cluster share a number; absent when rows are on their own. */
  readonly cluster?: Int32Array;
}

export interface Bin {
  readonly rows: number;
  readonly weight: number;
  readonly meanScore: number;
  readonly meanOutcome: number;
  /** Independent rows that the mean outcome is worth. */
  readonly effective: number;
}

/** Sums over the rows of one cluster, or of all. */
interface Sums {
  weight: number;
  outcomes: number;
}

/** The filled bins of every group, by ascending score. @param group of every row, or -1, [M] */
export function binsOf(
  { score, outcome, bin }: Foretold,
  { weight, cluster }: Weighed,
  group: Int32Array,
  groups: number,
): Bin[][] {
  const all = Array.from({ length: groups * BINS }, () => ({
    rows: 0,
    weight: 0,
    squares: 0,
    scores: 0,
    outcomes: 0,
    clusters: new Map<number, Sums>(),
  }));
  for (let r = 0; r < group.length; r++) {
    if (group[r]! < 0) continue;
    const sums = all[group[r]! * BINS + bin[r]!]!;
    const w = weight[r]!;
    sums.rows += 1;
    sums.weight += w;
    sums.squares += w * w;
    sums.scores += w * score[r]!;
    sums.outcomes += w * outcome[r]!;
    if (!cluster) continue;
    const unit = sums.clusters.get(cluster[r]!) ?? { weight: 0, outcomes: 0 };
    sums.clusters.set(cluster[r]!, unit);
    unit.weight += w;
    unit.outcomes += w * outcome[r]!;
  }
  const bins = all.map(({ rows, weight: total, squares, scores, outcomes, clusters }): Bin => {
    const meanOutcome = Math.min(1, outcomes / total);
    const kish = total ** 2 / squares;
    return {
      rows,
      weight: total,
      meanScore: scores / total,
      meanOutcome,
      effective: cluster
        ? Math.min(kish, clustersWorth([...clusters.values()], total, meanOutcome))
        : kish,
    };
  });
  return Array.from({ length: groups }, (_, g) =>
    bins.slice(g * BINS, (g + 1) * BINS).filter(({ weight: total }) => total > 0),
  );
}

/** As `EffectiveRows` has it for cells (Korn and Graubard 1998). */
function clustersWorth(clusters: readonly Sums[], total: number, share: number): number {
  let [variance, squares] = [0, 0];
  for (const { weight, outcomes } of clusters) {
    variance += (outcomes - share * weight) ** 2;
    squares += weight ** 2;
  }
  return variance > 0 ? (share * (1 - share) * total ** 2) / variance : total ** 2 / squares;
}
