/** @file How good a probe's answers are: balanced accuracy beside chance, with intervals. */
import { distinct, ranks } from "./labels.ts";
import { tally } from "../counts/cells.ts";
import { ANY_CLASS, EffectiveRows } from "../uncertainty/effective.ts";
import { type Interval, wilson } from "../uncertainty/intervals.ts";
import { sumInterval } from "../uncertainty/mover.ts";

/** What a probe reads off embeddings. */
export interface ProbeScore {
  /** Mean over the classes of the share of their rows that is recognised, 0 to 1. */
  readonly balancedAccuracy: number | null;
  readonly interval: Interval | null;
  /** What a probe that reads nothing shows: 1 / classes with rows. */
  readonly chance: number | null;
  /** Rows that were answered for. */
  readonly n: number;
  /** Why there is no value. */
  readonly reason?: string;
  readonly note?: string;
}

/** A score of a probe on given rows. */
export interface UtilityScore extends ProbeScore {
  /** Share of rows that are recognised, 0 to 1. */
  readonly accuracy: number | null;
  readonly accuracyInterval: Interval | null;
}

/** No value, and why. */
export const unscored = (n: number, reason: string): UtilityScore => ({
  balancedAccuracy: null,
  interval: null,
  chance: null,
  accuracy: null,
  accuracyInterval: null,
  n,
  reason,
});

/**
 * Scores answers. A class's recall has Wilson's interval, and their mean MOVER's of independent shares; near-duplicates
 * count for as many rows as they are worth. The interval is that of these fitted probes on other rows like these: it
 * does not know that other training rows would have given other probes.
 * @param truth label of each row, any whole numbers [N]
 * @param clusters rows of one number are near-duplicates, whole numbers from 0 [N]
 */
export function score(
  truth: Int32Array,
  predicted: Int32Array,
  level: number,
  clusters?: Int32Array,
): UtilityScore {
  const n = truth.length;
  const classes = distinct(truth, predicted);
  const codes = [truth, predicted].map((labels) => ranks(labels, classes));
  const all = { values: ["all"], codes: new Int32Array(n) };
  const cells = tally(all, codes[0]!, codes.slice(1), classes.length, undefined, clusters);
  const effective = new EffectiveRows(cells);
  const share = (of: number) => {
    let [hits, rows] = [0, 0];
    codes[0]!.forEach((code, row) => {
      if (of !== ANY_CLASS && code !== of) return;
      rows++;
      hits += Number(truth[row] === predicted[row]);
    });
    const value = hits / rows;
    const recall = { value, numerator: ["tp"], denominator: ["tp", "fn"] } as const;
    return { value, interval: wilson(value, effective.of(recall, 0, of, rows), level) };
  };
  const accuracy = share(ANY_CLASS);
  const recalls = [...new Set(codes[0])].map(share);
  const chance = 1 / recalls.length;
  return {
    balancedAccuracy: recalls.reduce((sum, { value }) => sum + chance * value, 0),
    interval: sumInterval(recalls.map((recall) => [chance, recall])),
    chance,
    accuracy: accuracy.value,
    accuracyInterval: accuracy.interval,
    n,
  };
}
