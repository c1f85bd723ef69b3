/** @file Correction of p-values for the number of them. */
import type { Gap } from "../report/values.ts";
import type { View } from "../report.ts";

/**
 * Holm's step-down adjusted p-values (1979), in the order given: valid however the tests depend on each other.
 * @param tests how many there were, when only the smallest p-values are given
 */
export function holm(pValues: readonly number[], tests = pValues.length): number[] {
  const adjusted = pValues.map(() => 1);
  let most = 0;
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  order.forEach((index, rank) => {
    most = Math.max(most, Math.min(1, (tests - rank) * pValues[index]!));
    adjusted[index] = most;
  });
  return adjusted;
}

/** Adds `pHolm` to the gaps of one view, which are one family: all attributes and metrics that a reader looks over. */
export function correctGaps({ attributes }: Pick<View, "attributes">): void {
  const tested: NonNullable<Gap["fair"]>[] = Object.values(attributes)
    .flatMap(({ gaps }) => Object.values(gaps))
    .flatMap(({ fair }) => fair ?? []);
  holm(tested.map(({ pValue }) => pValue)).forEach((p, i) => (tested[i]!.pHolm = p));
}
