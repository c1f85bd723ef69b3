/** @file The last look at a whole graph before an engine compiles it: what builders check node by node, checked again. */
import { EquiclipError } from "../run/errors.ts";
import { type Node, isOp, sameShape, showShape, toposort } from "./node.ts";
import { infer, rowsNamed } from "./shapes.ts";

/** A node that is fed by name. */
export type Feed = Node<"input"> | Node<"param">;
export const isFeed = (node: Node): node is Feed => isOp(node, "input") || isOp(node, "param");

/** A graph whose checks have passed. Engines compile nothing else. */
export interface VerifiedGraph {
  /** Every reachable node, inputs before users. */
  readonly nodes: readonly Node[];
  /** By name. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** Of each int feed: ids must be below this. */
  readonly idLimits: ReadonlyMap<string, number>;
}

const show = (node: Node): string => `${node.dtype} ${showShape(node.shape)}`;

function checkResult(node: Node): void {
  const { shape, dtype } = infer(node.op, node.attrs, node.inputs);
  if (!sameShape(shape, node.shape) || dtype !== node.dtype)
    throw new EquiclipError(
      `graph: ${node.op} says ${show(node)}, but its inputs give ${dtype} ${showShape(shape)}; build nodes with src/graph/build`,
    );
}

function checkConstant(node: Node<"constant">): void {
  const bad = node.attrs.data.findIndex((v) => !Number.isFinite(Math.fround(v)));
  if (bad >= 0)
    throw new EquiclipError(
      `graph: constant ${showShape(node.shape)}: element ${bad} is ${node.attrs.data[bad]}, which float32 cannot hold; use finite values (a mask: -1e9)`,
    );
}

function addFeed(feeds: Map<string, Feed>, node: Feed): void {
  const { name } = node.attrs;
  if (name === "")
    throw new EquiclipError(`graph: ${node.op} ${showShape(node.shape)} has no name`);
  const other = feeds.get(name);
  if (other)
    throw new EquiclipError(
      `graph: two nodes are named "${name}": ${other.op} ${show(other)} and ${node.op} ${show(node)}; build it once and use that node (a gradient reaches one node only)`,
    );
  feeds.set(name, node);
}

/** Only feeds hold ids, so an op's ids are always a feed. */
function idLimitsOf(nodes: readonly Node[]): Map<string, number> {
  const limits = new Map<string, number>();
  for (const node of nodes)
    for (const ids of node.inputs.filter(isFeed).filter(({ dtype }) => dtype === "int")) {
      const { name } = ids.attrs;
      limits.set(name, Math.min(rowsNamed(node), limits.get(name) ?? Infinity));
    }
  return limits;
}

/**
 * Checks everything reachable from the outputs: shapes and dtypes follow from the inputs, constants are finite in
 * float32, a name stands for one node. Throws EquiclipError or ShapeError naming the op and both shapes.
 */
export function verify(outputs: Readonly<Record<string, Node>>): VerifiedGraph {
  const nodes = toposort(Object.values(outputs));
  if (nodes.length === 0) throw new EquiclipError("graph: no outputs; name at least one node");
  const feeds = new Map<string, Feed>();
  for (const node of nodes) {
    checkResult(node);
    if (isOp(node, "constant")) checkConstant(node);
    if (isFeed(node)) addFeed(feeds, node);
  }
  return { nodes, feeds, idLimits: idLimitsOf(nodes) };
}
