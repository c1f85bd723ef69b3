/** @file How closely clusters follow an attribute, and how sure that is. */
import type { Estimate } from "../../eval/report/values.ts";
import { type Uniform, multinomial, uniform } from "../../eval/uncertainty/binomial.ts";
import { type Interval, percentileInterval } from "../../eval/uncertainty/intervals.ts";
import type { Grouping } from "../grouping.ts";
import { type Contingency, associationOf, marginsOf } from "./contingency.ts";
import { drawTable, logFactorials } from "./random-table.ts";

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

export interface Resamples {
  readonly permutations: number;
  /** Of the bootstrap of Cramer's V; 0 for none. */
  readonly replicates: number;
  readonly level: number;
  readonly seed: number;
}

/** @param table clusters x groups, of rows that have both */
export function clusterAssociation(
  { name }: Pick<Grouping, "name">,
  table: Contingency,
  { permutations, replicates, level, seed }: Resamples,
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
        ? `no row has a ${name} and a cluster`
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
      uniform(seed, "permutation", name),
    ),
    cramersV: found.cramersV,
    cramersVCorrected: {
      value,
      interval: replicates > 0 ? bootstrapV(table, value, { replicates, level, seed }, name) : null,
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
  { replicates, level, seed }: Omit<Resamples, "permutations">,
  name: string,
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
