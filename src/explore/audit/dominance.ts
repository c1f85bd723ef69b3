/** @file Flags for clusters that one group dominates. */
import type { ClusterGroups, GroupInCluster } from "./cluster-groups.ts";

export interface DominanceLimits {
  /** Of a cluster that one group makes up. */
  readonly share: number;
  /** Times the group's share of all rows. */
  readonly lift: number;
  /** Labelled rows; smaller clusters are never flagged. */
  readonly minSize: number;
  /** Largest p-value, corrected for all cells. */
  readonly level: number;
}

export interface DominanceFlag extends GroupInCluster {
  readonly attribute: string;
  readonly cluster: number;
  /** Labelled rows of the cluster. */
  readonly size: number;
  /** Of all labelled rows in clusters. */
  readonly overall: number;
  /** Which limits it is at or above. */
  readonly because: readonly ("share" | "lift")[];
}

export interface Dominance {
  /** Smallest corrected p-value first, then largest lift. */
  readonly flags: readonly DominanceFlag[];
  /** Clusters, by attribute, that are too small to be flagged. */
  readonly tooSmall: readonly {
    readonly attribute: string;
    readonly clusters: readonly number[];
  }[];
  readonly limits: DominanceLimits;
}

/**
 * Groups that are over-represented in a cluster (lift above 1, corrected p at most the level) and make up at least the
 * share, or have at least the lift.
 */
export function dominance(
  tables: readonly ClusterGroups[],
  limits: DominanceLimits = { share: 0.8, lift: 2, minSize: 20, level: 0.05 },
): Dominance {
  const flags = tables.flatMap(({ attribute, groups, clusters }) =>
    clusters
      .filter(({ rows }) => rows >= limits.minSize)
      .flatMap(({ cluster, rows: size, groups: cells }) =>
        cells.flatMap((cell, g): DominanceFlag[] => {
          const [share, lift] = [cell.share.value ?? 0, cell.lift.value ?? 0];
          if (!(lift > 1) || (cell.pHolm ?? 1) > limits.level) return [];
          const because = [
            ...(share >= limits.share ? (["share"] as const) : []),
            ...(lift >= limits.lift ? (["lift"] as const) : []),
          ];
          const overall = groups[g]!.share;
          return because.length > 0
            ? [{ attribute, cluster, size, overall, because, ...cell }]
            : [];
        }),
      ),
  );
  return {
    flags: flags.toSorted(
      (a, b) => (a.pHolm ?? 1) - (b.pHolm ?? 1) || (b.lift.value ?? 0) - (a.lift.value ?? 0),
    ),
    tooSmall: tables.flatMap(({ attribute, clusters }) => {
      const small = clusters.filter(({ rows }) => rows < limits.minSize);
      return small.length > 0 ? [{ attribute, clusters: small.map(({ cluster }) => cluster) }] : [];
    }),
    limits,
  };
}
