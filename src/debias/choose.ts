/** @file How much to remove: alpha and k chosen on validation, by the rule that chooses epochs. */
import { type Check, selectEpoch } from "../eval/select.ts";
import type { Eraser } from "./eraser.ts";
import { chainStrengths, type Grid } from "./method.ts";

/** One eraser of each strength, gentlest first: fewer directions, then smaller alpha. */
export const strengths = (eraser: Eraser, grid?: Grid): Eraser[] =>
  chainStrengths([eraser], grid).map(({ erasers }) => erasers[0]!);

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
