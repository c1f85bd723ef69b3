/** @file Mean and spread of rows: LayerNormalization gives both beside its result, so its gradient need not compute them again. */
import { type Node, isOp } from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";

type Value = (node: Node) => string;
const RESULTS = 3; // normalised, mean, 1 / standard deviation

/** Emits LayerNormalization; equal calls give the same node. */
export const emitNorm = (
  inputs: readonly string[],
  eps: number,
  emit: Emitter,
): readonly string[] =>
  emit.nodeOf(RESULTS, "LayerNormalization", inputs, {
    axis: { int: -1 },
    epsilon: { float: eps },
  });

/** The layerNorms of a graph by what they normalise, to borrow their row statistics. */
export class Moments {
  readonly #norms = new Map<Node, Node<"layerNorm">[]>();

  constructor(nodes: readonly Node[]) {
    for (const node of nodes) {
      if (!isOp(node, "layerNorm")) continue;
      const [x, ...weights] = node.inputs;
      // weights that are computed might themselves need these statistics
      if (weights.every(({ inputs }) => inputs.length === 0))
        this.#norms.set(x!, [...(this.#norms.get(x!) ?? []), node]);
    }
  }

  #results(norm: Node<"layerNorm">, emit: Emitter, value: Value): readonly string[] {
    return emitNorm(norm.inputs.map(value), norm.attrs.eps, emit);
  }

  /** The mean over the last axis, kept as size 1; null when nobody computes it anyway. */
  mean(x: Node, emit: Emitter, value: Value): string | null {
    const norm = this.#norms.get(x)?.[0];
    return norm ? this.#results(norm, emit, value)[1]! : null;
  }

  /** 1 / sqrt(var + eps) over the last axis, kept as size 1. */
  rstd(x: Node, eps: number, emit: Emitter, value: Value): string {
    const norm = this.#norms.get(x)?.find(({ attrs }) => attrs.eps === eps);
    if (norm) return this.#results(norm, emit, value)[2]!;
    const width = x.shape.at(-1)!;
    const ones = emit.floats(Array<number>(width).fill(1), [width]);
    return emitNorm([value(x), ones], eps, emit)[2]!;
  }
}
