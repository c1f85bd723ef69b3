/** @file The rows that both sides measure: predictions of a made-up binary classifier, five groups of unequal size. */
import type * as Library from "../../src/index.ts";
import { random } from "../../src/run/random.ts";

export interface Rows {
  readonly truth: Int32Array; // [N], 0 or 1
  readonly predicted: Int32Array; // [N], 0 or 1
  readonly race: readonly string[]; // [N]
}

/** Shares of a face data set, and rates as classifiers have on one. */
const GROUPS = [
  { race: "white", share: 0.43, baseRate: 0.46, tpr: 0.88, fpr: 0.1 },
  { race: "black", share: 0.19, baseRate: 0.49, tpr: 0.84, fpr: 0.09 },
  { race: "indian", share: 0.17, baseRate: 0.43, tpr: 0.9, fpr: 0.12 },
  { race: "asian", share: 0.14, baseRate: 0.54, tpr: 0.86, fpr: 0.18 },
  { race: "other", share: 0.07, baseRate: 0.55, tpr: 0.92, fpr: 0.22 },
] as const;

/** Draws `n` rows, the same ones every time. */
export function drawRows(n: number): Rows {
  const { uniform } = random("bench", "evaluate", n);
  const truth = new Int32Array(n);
  const predicted = new Int32Array(n);
  const race = Array.from({ length: n }, (_, row) => {
    let left = uniform();
    const group = GROUPS.find(({ share }) => (left -= share) < 0) ?? GROUPS[0];
    truth[row] = uniform() < group.baseRate ? 1 : 0;
    predicted[row] = uniform() < (truth[row] === 1 ? group.tpr : group.fpr) ? 1 : 0;
    return group.race;
  });
  return { truth, predicted, race };
}

export const rowsCsv = ({ truth, predicted, race }: Rows): string =>
  `y_true,y_pred,race\n${race.map((name, row) => `${truth[row]},${predicted[row]},${name}\n`).join("")}`;

/**
 * Our side, from the values of the columns on.
 * @param library as built, or its sources
 * @param gaps their intervals; `percentile` is what fairlearn has
 */
export const evaluateRows = (
  { evaluate, encodeColumn }: Pick<typeof Library, "evaluate" | "encodeColumn">,
  { truth, predicted, race }: Rows,
  replicates: number,
  gaps: "contrast" | "percentile" = "contrast",
): Library.Report =>
  evaluate(
    { classes: ["0", "1"], truth, predicted, groups: { race: encodeColumn(race) } },
    { positive: "1", uncertainty: { replicates, gaps } },
  );
