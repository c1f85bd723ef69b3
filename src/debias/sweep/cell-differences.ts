/** @file Differences of the mean rows of classes in cells: equal in everything that is labelled, so that the concept is left. */
import { type Embeddings, type Train, classCount } from "../embeddings.ts";
import { classMeans } from "../../run/linalg/products.ts";

/**
 * Mean row of class a - mean row of class b in each cell of the other attributes, for every two classes that are there:
 * single images of a cell still differ in all that is not labelled, their means do not. A difference of means of n and
 * m rows counts n m / (n + m), scaled to 1 on average, so that each is as noisy as the others. [P, D]
 * @param strata numbers the cells [N]
 */
export function cellDifferences(train: Omit<Train, "pairs">, strata: Int32Array): Embeddings {
  const { d, labels } = train;
  const classes = classCount(labels);
  const cells = strata.map((stratum, row) => stratum * classes + labels[row]!);
  const { means, counts } = classMeans(train, cells, classCount(strata) * classes);
  const found: { readonly a: number; readonly b: number; readonly weight: number }[] = [];
  for (let from = 0; from < counts.length; from += classes)
    for (let a = from; a < from + classes; a++)
      for (let b = a + 1; b < from + classes; b++) {
        const weight = (counts[a]! * counts[b]!) / (counts[a]! + counts[b]!);
        if (weight > 0) found.push({ a, b, weight });
      }
  const mean = found.reduce((sum, { weight }) => sum + weight, 0) / found.length;
  const x = new Float64Array(found.length * d);
  found.forEach(({ a, b, weight }, p) => {
    const scale = Math.sqrt(weight / mean);
    for (let j = 0; j < d; j++) x[p * d + j] = scale * (means[a * d + j]! - means[b * d + j]!);
  });
  return { x, n: found.length, d };
}
