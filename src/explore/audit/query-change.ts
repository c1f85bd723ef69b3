/** @file Before and after: whose rows come first for a text when another encoder, or a debiased one, takes over. */
import { uniform } from "../../eval/uncertainty/binomial.ts";
import { rank } from "../../eval/retrieval/ranking.ts";
import type { Grouping } from "../grouping.ts";
import { type Changed, pairedChange } from "./change.ts";

export interface QueryChange {
  readonly query: string;
  readonly attribute: string;
  /** First rows that are looked at; fewer than asked for where no more are labelled. */
  readonly k: number;
  /** Rows with a label and a similarity both before and after. */
  readonly rows: number;
  /** max_skew@k: the largest ln(share of the first k / share of all) over groups. */
  readonly maxSkew: Changed;
  /** Share of the first k. */
  readonly shares: readonly ({ readonly group: string; readonly prior: number } & Changed)[];
}

/**
 * Both rankings of the same rows. Intervals are paired: each resample draws rows, which keep their places in both
 * rankings; they are less the bootstrap's own bias, for a maximum grows by resampling.
 * @param before similarities of each query, by its name, [n]; NaN where missing
 * @param after those of the same queries; others are left out
 */
export function queryChange(
  before: Readonly<Record<string, Float64Array>>,
  after: Readonly<Record<string, Float64Array>>,
  groupings: readonly Grouping[],
  {
    top,
    level = 0.95,
    replicates = 400,
    seed = 0,
  }: {
    readonly top: number;
    readonly level?: number;
    readonly replicates?: number;
    readonly seed?: number;
  },
): QueryChange[] {
  return Object.keys(before)
    .filter((query) => Object.hasOwn(after, query))
    .flatMap((query) =>
      groupings.map(({ name, values, codes }) => {
        const scores = [before[query]!, after[query]!];
        const isRanked = (row: number): boolean =>
          codes[row]! >= 0 && scores.every((of) => !Number.isNaN(of[row]));
        const orders = scores.map((of) => rank(of).filter(isRanked));
        const rows = orders[0]!;
        const k = Math.min(top, rows.length);
        const times = new Uint16Array(codes.length);
        rows.forEach((row) => (times[row] = 1));
        const size = values.length;
        /** Largest skew, then shares, before and after. */
        const read = (): Float64Array[] => {
          const members = new Float64Array(size);
          for (const row of rows) members[codes[row]!]! += times[row]!;
          return orders.map((order) => {
            const found = new Float64Array(size + 1);
            for (let i = 0, left = k; left > 0; i++) {
              const taken = Math.min(left, times[order[i]!]!);
              found[1 + codes[order[i]!]!]! += taken / k;
              left -= taken;
            }
            found[0] = Number.NEGATIVE_INFINITY;
            for (let g = 0; g < size; g++)
              if (members[g]! > 0 && found[1 + g]! > 0)
                found[0] = Math.max(
                  found[0]!,
                  Math.log((found[1 + g]! * rows.length) / members[g]!),
                );
            return found;
          });
        };
        const several = new Set(Array.from(rows, (row) => codes[row]!)).size > 1;
        const observed = rows.length > 0 && several ? read() : null;
        const samples = [0, 1].map(() =>
          Array.from({ length: size + 1 }, () => new Float64Array(replicates)),
        );
        const next = uniform(seed, "query change", query, name);
        for (let r = 0; r < (observed ? replicates : 0); r++) {
          times.fill(0);
          for (let i = 0; i < rows.length; i++)
            times[rows[Math.floor(next() * rows.length)]!]! += 1;
          read().forEach((of, side) => of.forEach((value, s) => (samples[side]![s]![r] = value)));
        }
        const changed = (s: number, range: readonly [number, number]): Changed =>
          pairedChange(
            [observed?.[0]![s] ?? Number.NaN, observed?.[1]![s] ?? Number.NaN],
            [samples[0]![s]!, samples[1]![s]!],
            level,
            range,
            "fewer than two groups have rows",
          );
        const prior = (g: number): number =>
          rows.length > 0
            ? rows.reduce((sum, row) => sum + Number(codes[row] === g), 0) / rows.length
            : 0;
        return {
          query,
          attribute: name,
          k,
          rows: rows.length,
          maxSkew: changed(0, [0, Number.MAX_VALUE]),
          shares: values.map((group, g) => ({ group, prior: prior(g), ...changed(1 + g, [0, 1]) })),
        };
      }),
    );
}
