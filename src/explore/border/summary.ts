/** @file Borders without the machine and the map themselves: what is kept and told of them. */
import type { BorderResult } from "../result.ts";
import type { HeldOutFit } from "./held-out.ts";

/** What was asked for. */
export type BorderQuestion = Pick<BorderResult, "label" | "map" | "kernel" | "values">;

export function borderSummary(asked: BorderQuestion, fit: HeldOutFit): BorderResult {
  if (!fit.heldOut) return { ...asked, heldOut: null, reason: fit.reason };
  const { train, test, svm, onMap, onTrain, inFullSpace, majority, notes } = fit.heldOut;
  return {
    ...asked,
    heldOut: {
      onMap,
      onTrain,
      inFullSpace,
      majority,
      notes,
      train: train.length,
      test: test.length,
      supports: svm.supports,
      gamma: svm.gamma,
    },
    reason: null,
  };
}
