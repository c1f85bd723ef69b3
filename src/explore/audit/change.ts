/** @file Before and after: how closely clusters follow groups when another encoder, or a debiased one, takes over. */
import type { Estimate } from "../../eval/report/values.ts";
import { crossCount } from "../../eval/counts/cells.ts";
import { multinomial, uniform } from "../../eval/uncertainty/binomial.ts";
import { definedSamples, percentileInterval } from "../../eval/uncertainty/intervals.ts";
import type { Clustering } from "../cluster/clustering.ts";
import type { Grouping } from "../grouping.ts";
import { type Association, type Contingency, associationOf, marginsOf } from "./contingency.ts";

type Clusters = Pick<Clustering, "labels" | "clusters">;

/** One number of both. The change is after - before; below 0 means that clusters follow the groups less. */
export interface Changed {
  readonly before: Estimate;
  readonly after: Estimate;
  readonly change: Estimate;
}

export const CHANGE_MEASURES = {
  cramersV: "Cramer's V",
  explained: "explained share",
  information: "mean ln(lift)",
  adjustedRand: "adjusted Rand index",
} as const;
export type ChangeMeasure = keyof typeof CHANGE_MEASURES;

export interface ClusterChange {
  readonly attribute: string;
  /** Rows with a label that are in a cluster both before and after. */
  readonly rows: number;
  readonly measures: Readonly<Record<ChangeMeasure, Changed>>;
  /** The largest lift of each group over clusters that are large enough. */
  readonly lifts: readonly ({ readonly group: string } & Changed)[];
  /** Agreement of the two clusterings with each other (adjusted Rand index). */
  readonly agreement: number | null;
}

export interface ChangeOptions {
  readonly level?: number;
  readonly replicates?: number;
  readonly seed?: number;
  /** Rows of a cluster whose lifts are looked at. */
  readonly minSize?: number;
}

const READ: Readonly<Record<ChangeMeasure, (of: Association) => number>> = {
  cramersV: (of) => of.cramersVCorrected,
  explained: (of) => of.explainedCorrected,
  information: (of) => of.informationCorrected,
  adjustedRand: (of) => of.adjustedRand,
};

/**
 * Both clusterings of the same rows, held against each attribute. Intervals are paired: each resample draws rows with
 * their clusters before and after, and is less the bootstrap's own bias; the clusters are taken as given.
 */
export function clusterChange(
  before: Clusters,
  after: Clusters,
  groupings: readonly Grouping[],
  { level = 0.95, replicates = 1000, seed = 0, minSize = 20 }: ChangeOptions = {},
): ClusterChange[] {
  return groupings.map((grouping) => {
    const size = grouping.values.length;
    const { columns, rows } = crossCount([
      { size: before.clusters, codes: before.labels },
      { size: after.clusters, codes: after.labels },
      { size, codes: grouping.codes },
    ]);
    const sides = [before, after].map(({ clusters }, side) => ({
      table: { counts: new Float64Array(clusters * size), rows: clusters, columns: size },
      at: columns[side]!.map((cluster, cell) => cluster * size + columns[2]![cell]!),
    }));
    const fill = (mass: Float64Array): void =>
      sides.forEach(({ table: { counts }, at }) => {
        counts.fill(0);
        for (let cell = 0; cell < mass.length; cell++) counts[at[cell]!]! += mass[cell]!;
      });
    fill(rows);
    // which clusters count is fixed by the data, or resamples would look at others
    const large = sides.map(({ table }) => marginsOf(table).row.map((n) => Number(n >= minSize)));
    const read = (): Float64Array[] =>
      sides.map(({ table }, side) => {
        const found = associationOf(table);
        return Float64Array.from([
          ...Object.values(READ).map((of) => of(found)),
          ...largestLifts(table, large[side]!),
        ]);
      });
    const values = read();
    const total = rows.reduce((sum, n) => sum + n, 0);
    const samples = values.map((of) => Array.from(of, () => new Float64Array(replicates)));
    const next = uniform(seed, "change", grouping.name);
    const drawn = new Float64Array(rows.length);
    for (let r = 0; r < (total > 0 ? replicates : 0); r++) {
      multinomial(total, rows, [0, rows.length], drawn, next);
      fill(drawn);
      read().forEach((of, side) => of.forEach((value, s) => (samples[side]![s]![r] = value)));
    }
    const changed = (s: number, range: readonly [number, number], why: string): Changed =>
      pairedChange(
        [values[0]![s]!, values[1]![s]!],
        [samples[0]![s]!, samples[1]![s]!],
        level,
        range,
        why,
      );
    const names = Object.keys(READ) as ChangeMeasure[];
    const few = "fewer than two groups or clusters have rows";
    const none = `no cluster has ${minSize} rows, or no row is of the group`;
    return {
      attribute: grouping.name,
      rows: total,
      measures: Object.fromEntries(
        names.map((name, s) => [name, changed(s, RANGES[name], few)]),
      ) as Record<ChangeMeasure, Changed>,
      lifts: grouping.values.map((group, g) => ({
        group,
        ...changed(names.length + g, [0, Number.MAX_VALUE], none),
      })),
      agreement: agreementOf(before, after),
    };
  });
}

const RANGES: Readonly<Record<ChangeMeasure, readonly [number, number]>> = {
  cramersV: [0, 1],
  explained: [-1, 1],
  information: [-1, Number.MAX_VALUE],
  adjustedRand: [-1, 1],
};

/**
 * Before, after, and the change, from resamples that were drawn for both at once.
 * @param range of the values; intervals stay within
 * @param reason why there is none where a value is NaN
 */
export function pairedChange(
  [was, is]: readonly [number, number],
  [ofWas, ofIs]: readonly [Float64Array, Float64Array],
  level: number,
  [least, most]: readonly [number, number],
  reason: string,
): Changed {
  const change = ofIs.map((value, r) => value - ofWas[r]!);
  return {
    before: estimate(was, ofWas, level, [least, most], reason),
    after: estimate(is, ofIs, level, [least, most], reason),
    change: estimate(is - was, change, level, [least - most, most - least], reason),
  };
}

/** Percentiles less the bootstrap's own bias, within the range. */
function estimate(
  value: number,
  samples: Float64Array,
  level: number,
  [least, most]: readonly [number, number],
  reason: string,
): Estimate {
  if (Number.isNaN(value)) return { value: null, interval: null, reason };
  const defined = definedSamples(samples.slice()); // reordered below, and pairs belong together
  const bias = defined.reduce((sum, of) => sum + of, 0) / defined.length - value;
  const ends = percentileInterval(defined, level);
  const within = (end: number): number => Math.min(most, Math.max(least, end - bias));
  return { value, interval: ends && [within(ends[0]), within(ends[1])] };
}

/** Of each group, over clusters that count; NaN where there is none. [G] */
function largestLifts({ counts, rows, columns }: Contingency, large: Float64Array): Float64Array {
  const { row, column, total } = marginsOf({ counts, rows, columns });
  return column.map((group, g) => {
    let most = Number.NaN;
    for (let c = 0; c < rows; c++) {
      if (large[c] === 0 || row[c] === 0 || group === 0) continue;
      const lift = (counts[c * columns + g]! * total) / (row[c]! * group);
      if (!(most >= lift)) most = lift;
    }
    return most;
  });
}

function agreementOf(a: Clusters, b: Clusters): number | null {
  const { columns, rows } = crossCount([
    { size: a.clusters, codes: a.labels },
    { size: b.clusters, codes: b.labels },
  ]);
  const counts = new Float64Array(a.clusters * b.clusters);
  rows.forEach((n, cell) => (counts[columns[0]![cell]! * b.clusters + columns[1]![cell]!] = n));
  const found = associationOf({ counts, rows: a.clusters, columns: b.clusters }).adjustedRand;
  return Number.isNaN(found) ? null : found;
}
