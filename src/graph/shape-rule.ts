/** @file What a shape rule is, and how it refuses. */
import { type DType, type Node, type OpAttrs, type OpName, type Shape, showShape } from "./node.ts";

export class ShapeError extends Error {
  override name = "ShapeError";
  constructor(op: OpName, problem: string, inputs: readonly Node[]) {
    const show = ({ dtype, shape }: Node): string =>
      `${dtype === "int" ? "int " : ""}${showShape(shape)}`;
    super(
      [`${op}: ${problem}`, ...(inputs.length > 0 ? [inputs.map(show).join(" x ")] : [])].join(
        ": ",
      ),
    );
  }
}

export interface Rule<K extends OpName> {
  /** How many inputs, or at least how many. */
  readonly arity: number | { readonly min: number };
  /** Data types of the inputs; `float` for all when left out. */
  readonly dtypes?: readonly DType[];
  readonly infer: (attrs: OpAttrs[K], inputs: readonly Node[]) => Shape;
  /** How many rows its ids may name: 0..rows-1. */
  readonly rows?: (attrs: OpAttrs[K], inputs: readonly Node[]) => number;
}
