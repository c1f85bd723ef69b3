/** @file How much to remove: alpha and k chosen on validation, by the rule that chooses epochs. */
import { type Check, selectEpoch } from "../eval/select.ts";
import { type Eraser, withStrength } from "./eraser.ts";

/** Values to try. */
export interface Grid {
  /** 0 identity, 1 removal, 2 reflection. */
  readonly alphas: readonly number[];
  /** Numbers of directions; those beyond what was fitted are left out, and the fit's own default is always tried. */
  readonly ks: readonly number[];
}

const DEFAULT_GRID: Grid = { alphas: [0.25, 0.5, 0.75, 1], ks: [1, 2, 3, 5, 10] };

/** One eraser of each strength, gentlest first: fewer directions, then smaller alpha. */
export function strengths(eraser: Eraser, { alphas, ks }: Grid = DEFAULT_GRID): Eraser[] {
  const rank = eraser.share.length;
  const ascending = (values: readonly number[]): number[] =>
    [...new Set(values)].sort((a, b) => a - b);
  return ascending([...ks.filter((k) => k <= rank), eraser.k]).flatMap((k) =>
    ascending(alphas).map((alpha) => withStrength(eraser, { alpha, k })),
  );
}

/** A candidate on the validation part. */
export interface Judgement {
  /** What is made as good as possible, such as the loss or the worst group's accuracy. */
  readonly objective: number;
  /** The constraints, as `checkConstraints` finds them in the validation report. */
  readonly checks: readonly Check[];
}

export interface Choice {
  readonly eraser: Eraser;
  /** Whether the eraser meets the constraints; if not, no candidate does and its violation is the smallest. */
  readonly feasible: boolean;
  /** Every candidate in order, for the trade-off table. */
  readonly trials: readonly (Judgement & { readonly eraser: Eraser })[];
}

/**
 * The candidate of best objective among those that meet the constraints, else by the rule of `selectEpoch`; of equals
 * the first. `judge` sees one candidate at a time and must look at validation rows alone.
 * @throws {EquiclipError} when there are no candidates
 */
export function chooseEraser(
  candidates: readonly Eraser[],
  judge: (eraser: Eraser) => Judgement,
  better: "lower" | "higher" = "lower",
): Choice {
  const trials = candidates.map((eraser) => ({ eraser, ...judge(eraser) }));
  const { epoch, feasible } = selectEpoch(
    trials.map(({ objective, checks }, epoch) => ({ epoch, objective, checks })),
    better,
  );
  return { eraser: trials[epoch]!.eraser, feasible, trials };
}
