/** @file `max_skew@k` of a classifier: whose rows come first when test rows are ranked by the score of a class. */
import type { Column } from "../eval/counts/cells.ts";
import { attributesOf } from "../eval/evaluate.ts";
import { none, verdictOf } from "../eval/groups/paired-changes.ts";
import type { Change } from "../eval/report/comparison.ts";
import { Look } from "../eval/retrieval/look.ts";
import { metricsAt } from "../eval/retrieval/metrics.ts";
import { rank } from "../eval/retrieval/ranking.ts";
import { independentInterval } from "../eval/uncertainty/gap-change.ts";
import type { Uncertainty } from "../eval/uncertainty/pending.ts";
import type { ScoredPredictions } from "../train/predict.ts";
import { BETTER, type Measured } from "./result.ts";
import type { TaskReport } from "./tasks.ts";

/** By attribute. */
export type Skews = Readonly<Record<string, Measured>>;

/** Of the positive class; of several classes, of the one whose ranking is most uneven. */
export function skewsOf(
  { positive, attributes, k }: Pick<TaskReport, "positive" | "attributes" | "k">,
  { classes, scores, groups, truth, clusters }: ScoredPredictions,
  uncertainty: Uncertainty,
): Skews {
  const rankings = (positive === null ? classes : [positive]).map((name) => {
    const c = classes.indexOf(name);
    const rowOf = (row: number) =>
      scores.subarray(row * classes.length, (row + 1) * classes.length);
    return { name, order: rank(Float64Array.from(truth, (_, row) => logOdds(rowOf(row), c))) };
  });
  return Object.fromEntries(
    attributesOf({ groups }, { attributes }).map(({ name: attribute, column }) => {
      const measured = rankings.map(({ name, order }) => ({
        ...skewOf(order, column, k, uncertainty, [attribute, name]),
        ...(positive === null && { class: name }),
        ...(clusters && { note: CLUSTERED }),
      }));
      return [
        attribute,
        measured.reduce((a, b) => ((b.value ?? -Infinity) > (a.value ?? -Infinity) ? b : a)),
      ];
    }),
  );
}

const CLUSTERED = "its interval is of single rows, as if no two belonged together";

/**
 * Of a class against all others: the order of its probabilities, but for the many that 32 bits round to 1, whose rows
 * would be ranked as the file has them.
 */
function logOdds(probabilities: ArrayLike<number>, c: number): number {
  let others = 0;
  for (let k = 0; k < probabilities.length; k++) if (k !== c) others += probabilities[k]!;
  return Math.log(probabilities[c]!) - Math.log(others);
}

function skewOf(
  order: Int32Array,
  { values, codes }: Column,
  k: number,
  uncertainty: Uncertainty,
  stream: readonly string[],
): Measured {
  const list = order.map((row) => codes[row]!).filter((code) => code >= 0);
  if (k > list.length)
    return {
      value: null,
      interval: null,
      reason: `k is ${k}, but only ${list.length} test rows can be ranked; lower skew.k`,
    };
  const look = new Look(list, values, [k], uncertainty);
  const named = metricsAt([k]).find(({ name }) => name === `max_skew@${k}`)!;
  const settled = look.metric(named);
  look.settle(...stream, "skew");
  const { fair, ...measured } = settled();
  return {
    ...measured,
    ...(fair?.expected != null && { fair: { expected: fair.expected, pValue: fair.pValue } }),
  };
}

/** The two rankings are taken to be of different rows: an interval that is rather too wide than too short. */
export function skewChange(before: Measured, after: Measured): Change {
  if (before.value === null || after.value === null)
    return none(after.reason ?? before.reason ?? "undefined");
  const interval = independentInterval(before, after);
  return {
    value: after.value - before.value,
    interval,
    verdict: verdictOf(interval, BETTER.max_skew),
    note: "as if of different rows, which makes the interval too wide",
  };
}
