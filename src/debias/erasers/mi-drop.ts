/** @file CLIP-clip: the dimensions that tell most of the concept are set to 0. Wang, Liu and Wang 2021. */
import { checkTrain, classCount, type Train } from "../embeddings.ts";
import { createEraser, type EraserMethod } from "../eraser.ts";

export interface MiDropOptions {
  /** Dimensions dropped, a choice that the source leaves open. Default 112 of 512, in proportion. */
  readonly k?: number;
}

const BINS = 10;

const usual = (d: number): number => Math.round((d * 112) / 512);

/** Numbers of dimensions to try: a thirty-second to half of D. */
export const miDropCounts = (d: number): number[] =>
  [1 / 32, 1 / 16, 1 / 8, 1 / 2].map((share) => Math.max(1, Math.round(d * share)));

/**
 * x'_j = 0 for the k dimensions j of highest mutual information with the concept, the others as they are: Wang, Liu and
 * Wang 2021 (arXiv:2109.05433). Equal information is ordered by dimension. Cosines of a dropped image with any text
 * are the same whether or not the text is dropped too, up to the text's length.
 */
export const miDrop: EraserMethod<MiDropOptions> = {
  summary: "dimensions of highest mutual information with the concept set to 0",
  caveat:
    "looks at one dimension at a time: what several tell together stays, and other content of the dropped ones is lost",
  fit(train, { k } = {}) {
    checkTrain(train);
    const { d } = train;
    const information = mutualInformation(train);
    const order = information
      .map((_, j) => j)
      .toSorted((a, b) => information[b]! - information[a]! || a - b);
    const axes = new Float64Array(d * d);
    order.forEach((j, row) => (axes[row * d + j] = 1));
    const total = information.reduce((a, b) => a + b, 0) || 1;
    const share = order.map((j) => information[j]! / total);
    const centre = new Float64Array(d);
    return createEraser("mi-drop", { centre, read: axes, write: axes, share }, k ?? usual(d));
  },
};

/**
 * Mutual information in nats of each dimension, cut into 10 bins of equal width between its least and largest value,
 * with the labels: sum p(a, b) ln(p(a, b) / (p(a) p(b))). A constant dimension has 0. [D]
 */
export function mutualInformation({ x, n, d, labels }: Train): Float64Array {
  const classes = classCount(labels);
  const low = new Float64Array(d).fill(Infinity);
  const high = new Float64Array(d).fill(-Infinity);
  for (let at = 0; at < x.length; at += d)
    for (let j = 0; j < d; j++) {
      low[j] = Math.min(low[j]!, x[at + j]!);
      high[j] = Math.max(high[j]!, x[at + j]!);
    }
  const counts = new Float64Array(d * BINS * classes); // [D, bins, C]
  for (let row = 0; row < n; row++)
    for (let j = 0; j < d; j++) {
      const range = high[j]! - low[j]!;
      const value = range > 0 ? ((x[row * d + j]! - low[j]!) / range) * BINS : 0;
      const bin = Math.min(BINS - 1, Math.floor(value));
      counts[(j * BINS + bin) * classes + labels[row]!]!++;
    }
  return low.map((_, j) =>
    information(counts.subarray(j * BINS * classes, (j + 1) * BINS * classes), classes, n),
  );
}

/** Of a table of counts [bins, C] that sum to n. */
function information(counts: Float64Array, classes: number, n: number): number {
  const byBin = new Float64Array(counts.length / classes);
  const byClass = new Float64Array(classes);
  counts.forEach((count, i) => {
    byBin[Math.floor(i / classes)]! += count;
    byClass[i % classes]! += count;
  });
  let sum = 0;
  counts.forEach((count, i) => {
    const expected = (byBin[Math.floor(i / classes)]! * byClass[i % classes]!) / n;
    if (count > 0) sum += (count / n) * Math.log(count / expected);
  });
  return Math.max(0, sum); // rounding can leave an independent pair below zero
}
