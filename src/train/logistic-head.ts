/** @file A fitted logistic regression as a classifier of the task. */
import type { LogisticModel } from "../eval/probes/logistic.ts";
import type { Classifier } from "./classifier.ts";

/** What of a fit decides. */
export type LinearModel = Pick<LogisticModel, "classes" | "weight" | "bias">;

/** One row of weights for each of `count` classes; a class without train rows is never predicted. */
export function classifierOf(
  { classes, weight, bias }: LinearModel,
  count: number,
  d: number,
): Classifier {
  const out = {
    weight: new Float32Array(count * d),
    bias: new Float32Array(count).fill(-Infinity),
  };
  const first = classes.length - bias.length; // of two classes the first has logit 0
  classes.forEach((c, k) => {
    const row = k - first;
    out.bias[c] = row < 0 ? 0 : bias[row]!;
    if (row >= 0) out.weight.set(weight.subarray(row * d, (row + 1) * d), c * d);
  });
  return { ...out, scale: 1, classes: count, width: d };
}
