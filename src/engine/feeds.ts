/** @file What every engine checks before a run: feeds and result buffers against the compiled graph. */
import { type DType, type Node, type Shape, sameShape, showShape, sizeOf } from "../graph/node.ts";
import type { VerifiedGraph } from "../graph/verify.ts";
import { EquiclipError } from "../run/errors.ts";
import type { Tensor, Tensors } from "./engine.ts";

const dtypeOf = (tensor: Tensor): DType => (tensor.data instanceof Int32Array ? "int" : "float");
const show = (dtype: DType, shape: Shape): string => `${dtype} ${showShape(shape)}`;

function checkTensor(what: string, want: Node, got: Tensor): void {
  if (!sameShape(want.shape, got.shape) || want.dtype !== dtypeOf(got))
    throw new EquiclipError(
      `${what}: expected ${show(want.dtype, want.shape)}, received ${show(dtypeOf(got), got.shape)}`,
    );
  if (got.data.length !== sizeOf(want.shape))
    throw new EquiclipError(
      `${what}: expected ${sizeOf(want.shape)} values for ${showShape(want.shape)}, received ${got.data.length}`,
    );
}

function checkIds(name: string, ids: Tensor["data"], limit: number): void {
  const bad = ids.findIndex((id) => id < 0 || id >= limit);
  if (bad >= 0)
    throw new EquiclipError(
      `run: feed "${name}": expected ids from 0 to ${limit - 1}, received ${ids[bad]} at position ${bad}`,
    );
}

/**
 * The tensor fed under each name that the graph needs; further feeds are ignored. Throws EquiclipError when one is
 * missing, has another shape or type, or names rows that a table does not have.
 * @param held shapes of what need not be fed, because a store on a device has it
 */
export function checkedFeeds(
  graph: VerifiedGraph,
  feeds: Tensors,
  held: ReadonlyMap<string, Shape> = new Map(),
): [string, Tensor][] {
  return Array.from(graph.feeds).flatMap(([name, node]): [string, Tensor][] => {
    const tensor = feeds[name];
    const stored = held.get(name);
    if (!tensor && stored) {
      if (!sameShape(node.shape, stored))
        throw new EquiclipError(
          `run: "${name}" of the store: expected ${showShape(node.shape)}, received ${showShape(stored)}`,
        );
      return [];
    }
    if (!tensor)
      throw new EquiclipError(
        `run: missing feed "${name}", ${show(node.dtype, node.shape)}; fed: ${Object.keys(feeds).join(", ") || "nothing"}`,
      );
    checkTensor(`run: feed "${name}"`, node, tensor);
    const limit = graph.idLimits.get(name);
    if (limit !== undefined) checkIds(name, tensor.data, limit);
    return [[name, tensor]];
  });
}

/** Checks result buffers: each belongs to an output, fits it, and is no feed of the same run. Throws EquiclipError. */
export function checkInto(
  outputs: Readonly<Record<string, Node>>,
  into: Tensors,
  fed: readonly (readonly [string, Tensor])[],
): void {
  const feedOf = new Map(fed.map(([name, tensor]) => [tensor.data, name]));
  for (const [name, tensor] of Object.entries(into)) {
    const node = outputs[name];
    if (!node)
      throw new EquiclipError(
        `run: no output "${name}" to write into; outputs: ${Object.keys(outputs).join(", ")}`,
      );
    checkTensor(`run: buffer for output "${name}"`, node, tensor);
    const feed = feedOf.get(tensor.data);
    if (feed !== undefined)
      throw new EquiclipError(
        `run: output "${name}" would overwrite feed "${feed}" while it is read; give it a buffer of its own`,
      );
  }
}
