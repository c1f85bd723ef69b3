/** @file Whether erasing a concept erases the task with it. */
import { classCount } from "./embeddings.ts";

/** How closely a concept and a target go together. */
export interface Overlap {
  /** Cramer's V, 0 independent to 1 one decides the other; null when either has a single class. */
  readonly cramersV: number | null;
  /**
   * Whether each class of the concept has rows of one class of the target alone, as when they are equal up to renaming:
   * equal means over the concept are then equal means over the target, and no linear classifier can tell it any more.
   */
  readonly decidesTarget: boolean;
}

/** Of two labels per row, 0 or more. [N] */
export function overlap(concept: Int32Array, target: Int32Array): Overlap {
  const columns = classCount(target);
  const table = new Float64Array(classCount(concept) * columns); // [concept, target]
  concept.forEach((label, row) => table[label * columns + target[row]!]!++);
  const rowSums = new Float64Array(table.length / Math.max(1, columns));
  const columnSums = new Float64Array(columns);
  const cells = new Int32Array(rowSums.length);
  table.forEach((count, i) => {
    rowSums[Math.floor(i / columns)]! += count;
    columnSums[i % columns]! += count;
    cells[Math.floor(i / columns)]! += Number(count > 0);
  });
  const n = concept.length;
  let chiSquare = 0;
  table.forEach((count, i) => {
    const expected = (rowSums[Math.floor(i / columns)]! * columnSums[i % columns]!) / n;
    if (expected > 0) chiSquare += (count - expected) ** 2 / expected;
  });
  const present = (sums: Float64Array): number => sums.filter((sum) => sum > 0).length;
  const smaller = Math.min(present(rowSums), present(columnSums)) - 1;
  return {
    cramersV: smaller > 0 ? Math.min(1, Math.sqrt(chiSquare / (n * smaller))) : null,
    decidesTarget: smaller > 0 && cells.every((count) => count <= 1),
  };
}

/** One line for whoever is about to erase `concept` from a model of `target`; null when the two are far enough apart. */
export function overlapWarning(
  concept: string,
  target: string,
  { cramersV, decidesTarget }: Overlap,
): string | null {
  if (decidesTarget)
    return `${concept} decides ${target} in the train rows: erasing it erases the task itself; erase another attribute or name another target`;
  if (cramersV !== null && cramersV >= 0.5)
    return `${concept} and ${target} go closely together in the train rows (Cramer's V ${cramersV.toFixed(2)}): erasing one takes much of the other`;
  return null;
}
