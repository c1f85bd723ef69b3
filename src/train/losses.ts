/** @file Training losses as graph nodes: scalars to be minimised. */
import { add, div, l2Normalize, logSoftmax, mul, sum, transpose } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import { similarityLogits } from "../model/clip/heads.ts";

/**
 * Cross-entropy against soft targets, the weighted mean over rows: sum_b w_b sum_c -t_bc log softmax(logits_b)_c / sum_b w_b.
 * @param logits [B, C]. @param targets [B, C], rows sum to 1. @param weights [B], >= 0, not all 0; a row of weight 0 does not count.
 */
export function crossEntropy(logits: Node, targets: Node, weights: Node): Node {
  const rows = sum(mul(targets, logSoftmax(logits)), [1]); // [B]
  return div(mul(sum(mul(rows, weights)), -1), sum(weights));
}

/**
 * CLIP's loss: the mean of the cross-entropies image -> text and text -> image over all pairs of a batch.
 * @param imageEmbeds [B, P] and @param textEmbeds [B, P] any length; row b of both is a pair.
 * @param targets [B, B], symmetric, rows sum to 1: `pairTargets` or `captionTargets`.
 * @param weights [B] of the pairs. A pair of weight 0 still is a wrong answer for the others: leave it out of the batch instead.
 */
export function contrastive(
  imageEmbeds: Node,
  textEmbeds: Node,
  logitScale: Node,
  targets: Node,
  weights: Node,
): Node {
  const logits = similarityLogits(l2Normalize(imageEmbeds), l2Normalize(textEmbeds), logitScale);
  const toText = crossEntropy(logits, targets, weights);
  const toImage = crossEntropy(transpose(logits, [1, 0]), targets, weights);
  return mul(add(toText, toImage), 0.5);
}
