/** @file What predictions owe to their batch: softmax over its images (compat) beside softmax over texts. */
import { random } from "../../run/random.ts";
import { predictOverImages, predictOverTexts } from "./softmax-axis.ts";
import type { Worth } from "./sweep.ts";
import type { AxisCheck } from "./result.ts";

/** Images that the study classified together. */
export const STUDY_BATCH = 4;

/**
 * Batches of one, of four and of 64, in the order read and shuffled.
 * @param logits [N, C]
 */
export function axisChecks(
  logits: Float64Array,
  classes: number,
  seed: number,
  worth: (predicted: Int32Array) => Worth,
): AxisCheck[] {
  const n = logits.length / classes;
  const read = [...Array(n).keys()];
  const orders = { "as read": read, shuffled: random(seed, "sweep", "order").shuffle(read) };
  const overImages = (batch: number, order: readonly number[]) =>
    predictOverImages(logits, classes, batch, order);
  const overTexts = predictOverTexts(logits, classes);
  const published = overImages(STUDY_BATCH, read);
  const share = (is: (c: number, i: number) => boolean, of: Int32Array): number =>
    of.filter(is).length / n;
  return [1, STUDY_BATCH, 64].flatMap((batch) =>
    (["as read", "shuffled"] as const).map((order): AxisCheck => {
      const predicted = overImages(batch, orders[order]);
      const inBatches = new Int32Array(n);
      for (let from = 0; from < n; from += batch) {
        const members = orders[order].slice(from, from + batch);
        const part = Float64Array.from(
          members.flatMap((row) => [...logits.subarray(row * classes, (row + 1) * classes)]),
        );
        predictOverTexts(part, classes).forEach((c, i) => (inBatches[members[i]!] = c));
      }
      return {
        batch,
        order,
        accuracy: worth(predicted).accuracy,
        changed: share((c, i) => c !== published[i], predicted),
        changedOverTexts: share((c, i) => c !== overTexts[i], inBatches),
        firstClass: share((c) => c === 0, predicted),
      };
    }),
  );
}
