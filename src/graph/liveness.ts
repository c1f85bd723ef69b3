/** @file How much memory a graph's values take at once. */
import { type Node, type OpName, sizeOf, toposort } from "./node.ts";

/** Ops that compute nothing: fed from outside, or their input in another form, which engines fold into its readers. */
const FORMS: { readonly [K in OpName]?: true } = {
  input: true,
  param: true,
  constant: true,
  scaleGradient: true,
  reshape: true,
  transpose: true,
  broadcast: true,
};
const FLOAT_BYTES = 4;

/**
 * Bytes that values in between hold at once when nodes run in order and each value is freed behind its last reader. What
 * has one reader is left out, since engines may join the two: a run takes somewhat more, and hardly less.
 */
export function leastBytes(roots: readonly Node[]): number {
  const nodes = toposort(roots);
  const computed = (node: Node): Node =>
    FORMS[node.op] && node.inputs[0] ? computed(node.inputs[0]) : node;
  const readers = new Map<Node, number>();
  const last = new Map<Node, Node>();
  for (const node of nodes)
    if (!FORMS[node.op])
      for (const input of new Set(node.inputs.map(computed))) {
        readers.set(input, (readers.get(input) ?? 0) + 1);
        last.set(input, node);
      }
  const freed = new Map<Node, number>();
  const held = (node: Node): number =>
    !FORMS[node.op] && (readers.get(node) ?? 0) > 1 ? FLOAT_BYTES * sizeOf(node.shape) : 0;
  for (const [value, reader] of last) freed.set(reader, (freed.get(reader) ?? 0) + held(value));
  let bytes = 0;
  let most = 0;
  for (const node of nodes) {
    bytes += held(node);
    most = Math.max(most, bytes);
    bytes -= freed.get(node) ?? 0;
  }
  return most;
}
