/** @file Matched pairs of rows: different in the concept, equal in everything else that is labelled. */
import { random } from "../../run/random.ts";

/**
 * Pairs [a0, b0, a1, b1, ...] of row numbers, a of a lower class than b, both of one stratum. For every two classes of
 * a stratum each row of the smaller one meets another row of the larger, at random; equal arguments give equal pairs.
 * `strata` numbers the combinations of the other attributes (one stratum without it). [N]
 */
export function matchedPairs(labels: Int32Array, strata?: Int32Array, seed = 0): Int32Array {
  const byStratum = new Map<number, Map<number, number[]>>();
  labels.forEach((label, row) => {
    const stratum = strata?.[row] ?? 0;
    const classes = byStratum.get(stratum) ?? new Map<number, number[]>();
    byStratum.set(stratum, classes);
    const rows = classes.get(label) ?? [];
    classes.set(label, rows);
    rows.push(row);
  });
  const pairs: number[] = [];
  for (const [stratum, classes] of [...byStratum].toSorted(([a], [b]) => a - b)) {
    const shuffled = [...classes]
      .toSorted(([a], [b]) => a - b)
      .map(([label, rows]) => random(seed, "pairs", stratum, label).shuffle(rows));
    shuffled.forEach((as, i) => {
      for (const bs of shuffled.slice(i + 1))
        for (let p = 0; p < Math.min(as.length, bs.length); p++) pairs.push(as[p]!, bs[p]!);
    });
  }
  return Int32Array.from(pairs);
}
