/** @file Similarities in, retrieval report out. */
import { UsageError } from "../../run/errors.ts";
import type { Column } from "../counts/cells.ts";
import { attributesOf } from "../evaluate.ts";
import { holm } from "../uncertainty/holm.ts";
import type { Uncertainty } from "../uncertainty/pending.ts";
import { curveOf } from "./curve.ts";
import { measureRanking, type RetrievalPlan } from "./measure.ts";
import { rank } from "./ranking.ts";
import { RETRIEVAL_SCHEMA, type RetrievalAttribute, type RetrievalReport } from "./report.ts";

/** How similar N rows are to some queries; columns are aligned. */
export interface Similarities {
  /** Names of the rows, [N]. */
  readonly ids?: readonly string[];
  /** By query, [N]; NaN where missing. */
  readonly queries: Readonly<Record<string, Float64Array>>;
  /** Sensitive attributes by name. */
  readonly groups: Readonly<Record<string, Column>>;
}

export interface RetrievalOptions {
  /** How many of the first rows are looked at, such as `[10, 50]`. */
  readonly ks: readonly number[];
  /** Attributes and intersections, such as `["race", "gender*race"]`; every attribute by default. */
  readonly attributes?: readonly string[] | undefined;
  /** Groups with fewer rows carry a note; 30 by default. */
  readonly minSupport?: number | undefined;
  /** 10,000 replicates, level 0.95 and seed 0 by default. */
  readonly uncertainty?: Partial<Uncertainty> | undefined;
  /** Called with the number of rankings measured so far, of queries times attributes. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Rows named for each query. */
const MOST_NAMED = 20;

/**
 * Ranks the rows for every query, highest similarity first and equal ones in row order, and measures whose rows come
 * first. Rows without a similarity are left out of that query, rows without a group out of that attribute.
 * @throws UsageError for columns of unequal length, an attribute that is not there, a similarity that is infinite, and
 * a k beyond the rows that can be ranked
 */
export function retrieve(similarities: Similarities, options: RetrievalOptions): RetrievalReport {
  const n = rowsOf(similarities);
  const attributes = attributesOf(similarities, options);
  const plan = planOf(options);
  let done = 0;
  const measure = (query: string, scores: Float64Array) => {
    const order = rank(scores);
    const measured = attributes.map(({ name, column }) => {
      const ranked = order.filter((row) => column.codes[row]! >= 0);
      checkRows(plan.ks, ranked.length, query, name);
      const list = ranked.map((row) => column.codes[row]!);
      const attribute: RetrievalAttribute = {
        missing: order.length - ranked.length,
        tied: Object.fromEntries(plan.ks.map((k) => [k, tiesBeyond(scores, ranked, k)])),
        ...measureRanking(list, column.values, plan, query, name),
        curve: curveOf(list, column.values, plan.ks, plan.uncertainty.level),
      };
      options.onProgress?.(++done);
      return [name, attribute] as const;
    });
    const { ids } = similarities;
    return {
      missing: n - order.length,
      ...(ids && { first: Array.from(order.subarray(0, MOST_NAMED), (row) => ids[row]!) }),
      attributes: Object.fromEntries(measured),
    };
  };
  const report: RetrievalReport = {
    schema: RETRIEVAL_SCHEMA,
    n,
    ks: [...plan.ks],
    uncertainty: { ...plan.uncertainty, minSupport: plan.minSupport },
    queries: Object.fromEntries(
      Object.entries(similarities.queries).map(([query, scores]) => [
        query,
        measure(query, scores),
      ]),
    ),
  };
  correct(report);
  return report;
}

/** Adds `pHolm` to every p-value: those of groups are one family, those over groups another. */
function correct({ queries }: RetrievalReport): void {
  const attributes = Object.values(queries).flatMap((query) => Object.values(query.attributes));
  const tops = attributes.flatMap(({ groups }) => Object.values(groups).map(({ top }) => top));
  const families = [
    tops.flatMap((top) => Object.values(top).map(({ chance }) => chance)),
    attributes.flatMap(({ metrics }) => Object.values(metrics).flatMap(({ fair }) => fair ?? [])),
  ];
  for (const family of families)
    holm(family.map(({ pValue }) => pValue)).forEach((p, i) => (family[i]!.pHolm = p));
}

function planOf({ ks, minSupport = 30, uncertainty }: RetrievalOptions): RetrievalPlan {
  const bad = ks.find((k) => !(Number.isInteger(k) && k >= 1));
  if (bad !== undefined || ks.length === 0)
    throw new UsageError(`k: expected whole numbers of at least 1, received ${bad ?? "none"}`);
  return {
    ks: [...new Set(ks)].toSorted((a, b) => a - b),
    minSupport,
    uncertainty: { level: 0.95, replicates: 10_000, seed: 0, ...uncertainty },
  };
}

/** Rows of every column. */
function rowsOf({ ids, queries, groups }: Similarities): number {
  const lengths = [
    ...(ids ? [["ids", ids.length] as const] : []),
    ...Object.entries(queries).map(([name, scores]) => [`query ${name}`, scores.length] as const),
    ...Object.entries(groups).map(([name, { codes }]) => [`group ${name}`, codes.length] as const),
  ];
  const [, rows] = lengths[0] ?? ["", 0];
  const odd = lengths.find(([, length]) => length !== rows);
  if (odd)
    throw new UsageError(
      `${odd[0]}: expected ${rows} values, one for each row, received ${odd[1]}`,
    );
  for (const [name, scores] of Object.entries(queries)) {
    const bad = scores.findIndex((score) => Math.abs(score) === Number.POSITIVE_INFINITY);
    if (bad >= 0)
      throw new UsageError(
        `query ${name}: row ${bad + 1}: expected a finite similarity, received ${scores[bad]}`,
      );
  }
  return rows;
}

function checkRows(ks: readonly number[], rows: number, query: string, attribute: string): void {
  const beyond = ks.find((k) => k > rows);
  if (beyond !== undefined)
    throw new UsageError(
      `k ${beyond}: only ${rows} rows have a similarity to ${query} and a value of ${attribute}; give a k of at most ${rows}`,
    );
}

/** Rows that are not among the first `k`, though as similar as the last of them. */
function tiesBeyond(scores: Float64Array, ranked: Int32Array, k: number): number {
  const last = scores[ranked[k - 1]!];
  let end = k;
  while (end < ranked.length && scores[ranked[end]!] === last) end++;
  return end - k;
}
