/** @file Folds of a cross-validation: stratified by class, whole clusters in one fold. */
import { random } from "../../run/random.ts";

/**
 * The fold of each row, 0 to folds - 1, [N]. Clusters, the largest first and rows alone last, each go to the fold with
 * the fewest rows of their classes so far: without clusters every fold has its share of every class within 1 row.
 * @param classes class of each row, 0 to K - 1 [N]
 * @param clusters rows of one number are near-duplicates and stay together [N]
 */
export function stratifiedFolds(
  classes: Int32Array,
  folds: number,
  seed: number,
  clusters?: Int32Array,
): Int32Array {
  const units = new Map<number, number[]>();
  classes.forEach((_, row) => {
    const key = clusters?.[row] ?? row;
    const unit = units.get(key);
    if (unit) unit.push(row);
    else units.set(key, [row]);
  });
  const order = random(seed, "folds")
    .shuffle([...units.values()])
    .sort((a, b) => b.length - a.length);
  const held = Array.from({ length: folds }, () => new Map<number, number>());
  const sizes = new Int32Array(folds);
  const out = new Int32Array(classes.length);
  for (const unit of order) {
    const counts = held.map((of) =>
      unit.reduce((sum, row) => sum + (of.get(classes[row]!) ?? 0), 0),
    );
    let best = 0;
    for (let f = 1; f < folds; f++)
      if (counts[f]! < counts[best]! || (counts[f] === counts[best] && sizes[f]! < sizes[best]!))
        best = f;
    for (const row of unit) {
      out[row] = best;
      held[best]!.set(classes[row]!, (held[best]!.get(classes[row]!) ?? 0) + 1);
    }
    sizes[best]! += unit.length;
  }
  return out;
}
