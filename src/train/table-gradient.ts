/** @file Gradients of a table of which a step reads a few rows: the engine computes those, the others stay zero. */
import { type Node, isOp } from "../graph/node.ts";

export interface TableGradient {
  /** What each row that was read gets: [..., D]. */
  readonly rows: Node;
  /** The input that names them: int [...]. */
  readonly ids: string;
}

/** A gradient as that of a few rows of a table, or null where it is none. */
export function tableGradient(gradient: Node): TableGradient | null {
  if (!isOp(gradient, "scatterAdd")) return null;
  const [rows, ids] = gradient.inputs;
  return isOp(ids!, "input") ? { rows: rows!, ids: ids.attrs.name } : null;
}

/**
 * A function that sets a table [V, D] to the sum of rows [N, D] by their ids [N], and to zero elsewhere. It clears what
 * it wrote before, not the whole table, so nobody else may write to it.
 */
export function rowSums(table: Float32Array, width: number) {
  table.fill(0);
  let written = new Int32Array();
  return (ids: Int32Array, rows: Float32Array): void => {
    for (const id of written) table.fill(0, id * width, (id + 1) * width);
    ids.forEach((id, row) => {
      for (let i = 0; i < width; i++) table[id * width + i]! += rows[row * width + i]!;
    });
    written = ids.slice();
  };
}
