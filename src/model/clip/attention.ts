/** @file Multi-head attention over sequence-first rows: row t * batch + b holds token t of sequence b. */
import { add, matmul, mul, reshape, softmax, transpose } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { Layers } from "./layers.ts";

/**
 * softmax(q k^T / sqrt(D / heads) + mask) v, projected (Vaswani et al. 2017).
 * Sequence-first rows split into heads by one reshape, and each transpose here only swaps the first two axes, which an
 * engine can fold into its batched product.
 * @param module the name in front of `.q_proj` and its siblings.
 * @param queries [Tq * batch, D].
 * @param keys [T * batch, D]: what keys and values are made from.
 * @param mask added to the scores: broadcasts to [batch * heads, Tq, T].
 * @returns [Tq * batch, D]
 */
export function attention(
  layers: Layers,
  module: string,
  { queries, keys, mask }: { queries: Node; keys: Node; mask?: Node | undefined },
  { batch, heads }: { batch: number; heads: number },
): Node {
  const [, width] = queries.shape as [number, number];
  const size = width / heads;
  const split = (x: Node): Node =>
    transpose(reshape(x, [x.shape[0]! / batch, batch * heads, size]), [1, 0, 2]);
  const q = split(layers.linear(`${module}.q_proj`, queries)); // [B * H, Tq, size]
  const k = split(layers.linear(`${module}.k_proj`, keys)); // [B * H, T, size]
  const v = split(layers.linear(`${module}.v_proj`, keys)); // [B * H, T, size]
  const scores = mul(matmul(q, k, { b: true }), 1 / Math.sqrt(size)); // [B * H, Tq, T]
  const mixed = matmul(softmax(mask ? add(scores, mask) : scores), v); // [B * H, Tq, size]
  return layers.linear(`${module}.out_proj`, reshape(transpose(mixed, [1, 0, 2]), queries.shape));
}
