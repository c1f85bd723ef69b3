/** @file Cluster x group tables: who is in which cluster, how far beyond chance, and how sure that is. */
import type { Estimate } from "../../eval/report/values.ts";
import { pValue } from "../../eval/retrieval/hypergeometric.ts";
import { holm } from "../../eval/uncertainty/holm.ts";
import type { Clustering } from "../cluster/clustering.ts";
import type { Grouping, PredictedBy } from "../grouping.ts";
import { type ClusterAssociation, type Resamples, clusterAssociation } from "./association.ts";
import { type Contingency, contingency, marginsOf } from "./contingency.ts";
import { type Evenness, evenness } from "./diversity.ts";
import { liftOf, shareOf } from "./lift.ts";

/** One group in one cluster. */
export interface GroupInCluster {
  readonly group: string;
  readonly rows: number;
  /** Rows if clusters ignored the group. */
  readonly expected: number;
  /** Of the cluster's labelled rows (Wilson's interval). */
  readonly share: Estimate;
  /**
   * Share in the cluster over share of all. Its interval is that of the ratio of the shares in and outside of the
   * cluster (MOVER-R of Wilson's), of which the lift is a monotone function; the clusters are taken as given.
   */
  readonly lift: Estimate;
  /** Fisher's exact test, two-sided: cluster or not x group or not. Null where there is nothing to test. */
  readonly pValue: number | null;
  /** Corrected for all cells of all tables that were made together (Holm 1979). */
  readonly pHolm: number | null;
}

export interface ClusterComposition {
  readonly cluster: number;
  /** Rows with a label. */
  readonly rows: number;
  /** Rows without one. */
  readonly missing: number;
  readonly groups: readonly GroupInCluster[];
  readonly evenness: Evenness;
  readonly note?: string;
}

export interface ClusterGroups {
  readonly attribute: string;
  /** Null for labels of the data. */
  readonly predicted: PredictedBy | null;
  readonly level: number;
  /** Rows with a label, in a cluster: what is counted. */
  readonly rows: number;
  /** Rows in a cluster without a label, and rows in no cluster: left out. */
  readonly missing: number;
  readonly noise: number;
  readonly groups: readonly {
    readonly group: string;
    readonly rows: number;
    readonly share: number;
  }[];
  readonly clusters: readonly ClusterComposition[];
  readonly association: ClusterAssociation;
}

export interface ClusterGroupsOptions extends Partial<Resamples> {
  /** Clusters with fewer labelled rows carry a note. */
  readonly minSupport?: number;
}

/**
 * One table for each attribute. The p-values of all their cells are one family for `pHolm`.
 * @param clustering of n rows
 * @param groupings of the same rows
 */
export function clusterGroups(
  clustering: Pick<Clustering, "labels" | "clusters">,
  groupings: readonly Grouping[],
  {
    permutations = 2000,
    replicates = 1000,
    level = 0.95,
    seed = 0,
    minSupport = 20,
  }: ClusterGroupsOptions = {},
): ClusterGroups[] {
  const { labels, clusters } = clustering;
  const counted = groupings.map(({ values, codes }) =>
    contingency(labels, codes, clusters, values.length),
  );
  const tests = testsOf(counted);
  const tables = groupings.map((grouping, a) => {
    const table = counted[a]!;
    const { row, column, total } = marginsOf(table);
    const missing = new Int32Array(clusters);
    labels.forEach((cluster, i) => {
      if (cluster >= 0 && grouping.codes[i]! < 0) missing[cluster]! += 1;
    });
    const cellOf = (c: number, group: string, g: number): GroupInCluster => {
      const rows = table.counts[c * table.columns + g]!;
      return {
        group,
        rows,
        expected: total > 0 ? (row[c]! * column[g]!) / total : 0,
        share: shareOf(rows, row[c]!, level),
        lift: liftOf(rows, row[c]!, column[g]!, total, level),
        ...tests[a]![c * table.columns + g]!,
      };
    };
    return {
      attribute: grouping.name,
      predicted: grouping.predicted,
      level,
      rows: total,
      missing: missing.reduce((sum, of) => sum + of, 0),
      noise: labels.reduce((sum, cluster) => sum + Number(cluster < 0), 0),
      groups: grouping.values.map((group, g) => ({
        group,
        rows: column[g]!,
        share: total > 0 ? column[g]! / total : 0,
      })),
      clusters: Array.from({ length: clusters }, (_, c) => ({
        cluster: c,
        rows: row[c]!,
        missing: missing[c]!,
        groups: grouping.values.map((group, g) => cellOf(c, group, g)),
        evenness: evenness(table.counts.subarray(c * table.columns, (c + 1) * table.columns)),
        ...(row[c]! < minSupport && { note: `fewer than ${minSupport} rows with a label` }),
      })),
      association: clusterAssociation(grouping, table, {
        permutations,
        replicates,
        level,
        seed,
      }),
    };
  });
  const tested = tables.filter(({ association }) => association.pValue !== null);
  const corrected = holm(tested.map(({ association }) => association.pValue!));
  return tables.map((table) => ({
    ...table,
    association: { ...table.association, pHolm: corrected[tested.indexOf(table)] ?? null },
  }));
}

type Test = Pick<GroupInCluster, "pValue" | "pHolm">;

/**
 * Fisher's tests of all cells, corrected together. Of two groups, and of two clusters, one is tested: the other is the
 * same test.
 */
function testsOf(tables: readonly Contingency[]): Test[][] {
  const family: number[] = [];
  const places = tables.map((table) => {
    const { row, column, total } = marginsOf(table);
    const rows = [...row.keys()].filter((r) => row[r]! > 0);
    const columns = [...column.keys()].filter((c) => column[c]! > 0);
    const place = new Map<number, number>(); // of a test in the family
    return Array.from(table.counts, (_, at) => {
      const [r, c] = [Math.floor(at / table.columns), at % table.columns];
      if (rows.length < 2 || columns.length < 2 || row[r] === 0 || column[c] === 0) return null;
      const [sameRow, sameColumn] = [
        rows.length === 2 ? rows[0]! : r,
        columns.length === 2 ? columns[0]! : c,
      ];
      const same = sameRow * table.columns + sameColumn;
      if (!place.has(same)) {
        place.set(same, family.length);
        const draw = { rows: total, members: column[sameColumn]!, k: row[sameRow]! };
        family.push(pValue(draw, table.counts[same]!));
      }
      return place.get(same)!;
    });
  });
  const corrected = holm(family);
  return places.map((cells) =>
    cells.map((at) =>
      at === null ? { pValue: null, pHolm: null } : { pValue: family[at]!, pHolm: corrected[at]! },
    ),
  );
}
