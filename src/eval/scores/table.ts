/** @file The rows that have a score, in the form that every score metric reads. */
import type { Plan } from "../groups/plan.ts";
import type { Predictions } from "../predictions.ts";
import { BINS, binOf, type Foretold, type Weighed } from "./bins.ts";
import { identity, rankDown, sorted, type Ranks } from "./order.ts";

/** One class against the rest: columns of M rows, in the order of the table. The outcome is to be of the class. */
export interface ScoreView extends Foretold {
  /** Rows of the table by descending score. */
  readonly order: Int32Array;
  /** Rows of the same score, and only they, share a number. */
  readonly tie: Int32Array;
  readonly logLoss: Float64Array;
}

/** M rows, in the order of the first view, so that a pass over it reads memory from front to back. */
export interface ScoreTable extends Weighed {
  /** Of each row, its number in the predictions. */
  readonly rows: Int32Array;
  /** Index of the true class. */
  readonly truth: Int32Array;
  /** Rows of about the same score share a number; multi-class, of the predicted class, which is the same too. */
  readonly alike: Int32Array;
  /** As many as are measured against the rest; none when all that is known is the score of the predicted class. */
  readonly views: readonly ScoreView[];
  /** How sure the model is of the class that it predicts, and whether that is the true one. */
  readonly confidence: Foretold;
  /** Rows with a score outside [0, 1]. Where there are any, no score of the table is a probability. */
  readonly outside: number;
}

/** The scores of predictions, or null when there are none. A row that lacks the score of any class is left out. */
export function scoreTable(
  { classes, truth, predicted, scores, score, weights, clusters }: Predictions,
  { views }: Pick<Plan, "views">,
): ScoreTable | null {
  if (!scores && !score) return null;
  const scoreOf = (row: number, c: number): number =>
    scores ? scores[row * classes.length + c]! : score![row]!;
  const binary = views.length === 1;
  const measured = scores || binary ? views : [];
  const some = (row: number, is: (score: number) => boolean): boolean =>
    measured.length > 0 ? measured.some((c) => is(scoreOf(row, c))) : is(score![row]!);
  const scored = identity(truth.length).filter((row) => !some(row, Number.isNaN));
  const n = scored.length;
  const ranked = measured.map((c) =>
    rankDown(filled(new Float64Array(n), (r) => scoreOf(scored[r]!, c))),
  );

  const first = ranked[0] && sorted(identity(n), ranked[0].codes, ranked[0].size).items;
  const at = first ?? identity(n); // which of the scored rows comes where
  const rows = at.map((i) => scored[i]!);
  const sure = filled(new Float64Array(n), (r) => {
    const row = rows[r]!;
    const given = scoreOf(row, binary ? views[0]! : predicted[row]!);
    return binary && predicted[row] !== views[0] ? 1 - given : given;
  });
  const confidence: Foretold = {
    score: sure,
    outcome: filled(new Uint8Array(n), (r) => Number(predicted[rows[r]!] === truth[rows[r]!])),
    bin: filled(new Uint8Array(n), (r) => binOf(sure[r]!)),
  };
  const table = measured.map((c, v): ScoreView => {
    const tie = at.map((i) => ranked[v]!.codes[i]!);
    const column = filled(new Float64Array(n), (r) => scoreOf(rows[r]!, c));
    const outcome = filled(new Uint8Array(n), (r) => Number(truth[rows[r]!] === c));
    return {
      order: v === 0 ? identity(n) : sorted(identity(n), tie, ranked[v]!.size).items,
      tie,
      score: column,
      outcome,
      logLoss: column.map((s, r) => -Math.log(clip(outcome[r] ? s : 1 - s))),
      bin: filled(new Uint8Array(n), (r) => binOf(column[r]!)),
    };
  });
  return {
    rows,
    weight: filled(new Float64Array(n), (r) => weights?.[rows[r]!] ?? 1),
    truth: rows.map((row) => truth[row]!),
    alike: binary
      ? alikeIn({ codes: table[0]!.tie, size: ranked[0]!.size }, table[0]!.score)
      : alikeIn(
          rankDown(sure),
          sure,
          rows.map((row) => predicted[row]!),
        ),
    views: table,
    confidence,
    ...(clusters && { cluster: rows.map((row) => clusters[row]!) }),
    outside: rows.reduce((sum, row) => sum + Number(some(row, (s) => s < 0 || s > 1)), 0),
  };
}

/**
 * Numbers rows of about the same score, and of the same class: rows of one calibration bin and of one of up to 100 parts
 * of 50 rows or more. In a bin alone, scores may differ as much between groups as between bins, if all lie in a few.
 */
function alikeIn({ codes, size }: Ranks, scores: Float64Array, classes?: Int32Array): Int32Array {
  const n = scores.length;
  const parts = Math.min(100, Math.ceil(n / 50));
  const { starts } = sorted(identity(n), codes, size); // equal scores stay together
  return codes.map((code, r) => {
    const part = Math.floor((parts * starts[code]!) / n);
    return ((classes?.[r] ?? 0) * parts + part) * BINS + binOf(scores[r]!);
  });
}

/** Much faster than `from` with a function. */
function filled<A extends Float64Array | Uint8Array>(out: A, of: (r: number) => number): A {
  for (let r = 0; r < out.length; r++) out[r] = of(r);
  return out;
}

/** The logarithm of 0 would make one wrong row of certainty outweigh all others. */
const clip = (probability: number): number => Math.min(1 - 1e-12, Math.max(1e-12, probability));
