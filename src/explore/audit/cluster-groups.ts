/** @file Cluster x group tables: who is in which cluster, how far beyond chance, and how sure that is. */
import type { Estimate } from "../../eval/report/values.ts";
import { pValue } from "../../eval/retrieval/hypergeometric.ts";
import { type Uniform, multinomial, uniform } from "../../eval/uncertainty/binomial.ts";
import { holm } from "../../eval/uncertainty/holm.ts";
import { type Interval, percentileInterval, wilson } from "../../eval/uncertainty/intervals.ts";
import { ratioInterval } from "../../eval/uncertainty/mover.ts";
import type { Clustering } from "../cluster/clustering.ts";
import type { Grouping, PredictedBy } from "../grouping.ts";
import { type Contingency, associationOf, contingency, marginsOf } from "./contingency.ts";
import { type Evenness, evenness } from "./diversity.ts";
import { drawTable, logFactorials } from "./random-table.ts";

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

/** How closely the clusters follow the attribute. */
export interface ClusterAssociation {
  /** Null, with the reason, for one cluster or one group. */
  readonly chiSquare: number | null;
  readonly degrees: number;
  /** Of permutations of the labels, margins fixed: the share with a chi-square at least as large. */
  readonly pValue: number | null;
  /** Corrected for the attributes whose tables were made together (Holm). */
  readonly pHolm: number | null;
  readonly permutations: number;
  /** 0 independent to 1; biased upwards in small tables. */
  readonly cramersV: number | null;
  /** Without that bias (Bergsma 2013); its interval is the bootstrap's of rows, less the bootstrap's own bias. */
  readonly cramersVCorrected: Estimate;
  /** Share of the variance of the groups that clusters explain (Goodman and Kruskal's tau). */
  readonly explained: number | null;
  readonly adjustedRand: number | null;
  /** Cells of the table, and how many are expected to hold fewer than 5 rows. */
  readonly cells: number;
  readonly smallExpected: number;
  readonly reason?: string;
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

export interface ClusterGroupsOptions {
  readonly permutations?: number;
  /** Of the bootstrap of Cramer's V; 0 for none. */
  readonly replicates?: number;
  readonly level?: number;
  readonly seed?: number;
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
      association: association(grouping, table, {
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

/** A share of rows, with Wilson's interval. */
export const shareOf = (rows: number, of: number, level: number): Estimate =>
  of > 0
    ? { value: rows / of, interval: wilson(rows / of, of, level) }
    : { value: null, interval: null, reason: "no rows" };

/**
 * Lift of a group in a part of the rows. With w the part's share of all rows and r the ratio of the group's shares in
 * the part and outside of it, the lift is r / (w r + 1 - w).
 * @param rows of the group in the part, of `part` rows
 * @param group rows of the group in all, of `total`
 */
function liftOf(rows: number, part: number, group: number, total: number, level: number): Estimate {
  const rest = total - part;
  const reason =
    part === 0
      ? "no rows"
      : group === 0
        ? "no row of the group"
        : rest === 0
          ? "there are no other rows to compare with"
          : group === total
            ? "all rows are of the group"
            : null;
  if (reason !== null) return { value: null, interval: null, reason };
  const within = estimated(rows, part, level);
  const outside = estimated(group - rows, rest, level);
  const [low, high] =
    outside.value > 0 ? ratioInterval(within, outside) : inverse(ratioInterval(outside, within));
  const w = part / total;
  const lift = (ratio: number): number =>
    ratio === Number.POSITIVE_INFINITY ? 1 / w : ratio / (w * ratio + 1 - w);
  return { value: within.value / (group / total), interval: [lift(low), lift(high)] };
}

const estimated = (rows: number, of: number, level: number) => ({
  value: rows / of,
  interval: wilson(rows / of, of, level),
});
const inverse = ([low, high]: Interval): Interval => [1 / high, 1 / low];

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

function association(
  grouping: Grouping,
  table: Contingency,
  {
    permutations,
    replicates,
    level,
    seed,
  }: Required<Pick<ClusterGroupsOptions, "permutations" | "replicates" | "level" | "seed">>,
): Omit<ClusterAssociation, "pHolm"> {
  const margins = marginsOf(table);
  const { row, column, total } = margins;
  const found = associationOf(table);
  const { degrees } = found;
  const filled = (sums: Float64Array): number => sums.filter((sum) => sum > 0).length;
  const cells = filled(row) * filled(column);
  let smallExpected = 0;
  for (const r of row)
    for (const c of column) if (r > 0 && c > 0 && (r * c) / total < 5) smallExpected++;
  const shared = { degrees, permutations, cells, smallExpected };
  if (degrees === 0) {
    const reason =
      total === 0
        ? `no row has a ${grouping.name} and a cluster`
        : filled(row) < 2
          ? "all rows with a label are in one cluster"
          : "all rows have the same label";
    return {
      ...shared,
      chiSquare: null,
      pValue: null,
      cramersV: null,
      cramersVCorrected: { value: null, interval: null, reason },
      explained: null,
      adjustedRand: null,
      reason,
    };
  }
  const value = found.cramersVCorrected;
  return {
    ...shared,
    chiSquare: found.chiSquare,
    pValue: permutationP(
      table,
      found.chiSquare,
      permutations,
      margins,
      uniform(seed, "permutation", grouping.name),
    ),
    cramersV: found.cramersV,
    cramersVCorrected: {
      value,
      interval: replicates > 0 ? bootstrapV(table, value, replicates, level, seed, grouping) : null,
    },
    explained: found.explained,
    adjustedRand: found.adjustedRand,
    ...(smallExpected > 0 && {
      note: `${smallExpected} of ${cells} cells are expected to hold fewer than 5 rows: the p-value is by permutation and stands; single cells say little`,
    }),
  };
}

/**
 * The share of permutations of the labels whose chi-square is at least the one observed, which counts as one of them
 * (Davison and Hinkley 1997, 4.2).
 */
function permutationP(
  { counts, columns }: Contingency,
  chiSquare: number,
  permutations: number,
  { row, column, total }: ReturnType<typeof marginsOf>,
  next: Uniform,
): number {
  const drawn = new Float64Array(counts.length);
  const left = new Float64Array(columns);
  const logFactorial = logFactorials(total);
  const limit = (chiSquare / total + 1) * (1 - 1e-12); // equal tables may differ in the last bit
  let beyond = 1;
  for (let i = 0; i < permutations; i++) {
    drawTable(row, column, drawn, left, logFactorial, next);
    let squares = 0;
    for (let at = 0; at < drawn.length; at++)
      if (drawn[at]! > 0)
        squares +=
          (drawn[at]! * drawn[at]!) / (row[Math.floor(at / columns)]! * column[at % columns]!);
    if (squares >= limit) beyond++;
  }
  return beyond / (1 + permutations);
}

/**
 * Percentiles of the corrected V^2 of resampled rows, less the bootstrap's own bias: a resample is more uneven than the
 * rows it is drawn from, once more than these are.
 */
function bootstrapV(
  { counts, rows, columns }: Contingency,
  value: number,
  replicates: number,
  level: number,
  seed: number,
  { name }: Grouping,
): Interval | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const next = uniform(seed, "cramers v", name);
  const drawn = { counts: new Float64Array(counts.length), rows, columns };
  const samples = new Float64Array(replicates).map(() => {
    multinomial(total, counts, [0, counts.length], drawn.counts, next);
    return associationOf(drawn).cramersVCorrected ** 2; // NaN where a single group was drawn
  });
  const defined = samples.filter((sample) => !Number.isNaN(sample));
  const bias = defined.reduce((sum, of) => sum + of, 0) / defined.length - value ** 2;
  const ends = percentileInterval(defined, level);
  return ends && [root(ends[0] - bias), root(ends[1] - bias)];
}

const root = (square: number): number => Math.sqrt(Math.min(1, Math.max(0, square)));
