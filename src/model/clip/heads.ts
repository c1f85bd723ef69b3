/** @file From embeddings to class scores: similarity to texts, class prototypes of prompts, a linear probe. */
import { exp, l2Normalize, linear, matmul, mul } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";

/**
 * exp(logitScale) * cosine similarity (Radford et al. 2021).
 * @param images unit rows [B, P]. @param texts unit rows [C, P]. @param logitScale scalar.
 * @returns [B, C]
 */
export const similarityLogits = (images: Node, texts: Node, logitScale: Node): Node =>
  mul(matmul(images, texts, { b: true }), exp(logitScale));

/**
 * One unit vector per class: the mean of its prompts' unit embeddings, normalised again (prompt ensembling).
 * @param textEmbeds embeddings of the distinct prompts, any length: [N, P].
 * @param averaging [C, N], see `averagePrompts`.
 * @returns [C, P]
 */
export const classPrototypes = (textEmbeds: Node, averaging: Node): Node =>
  l2Normalize(matmul(averaging, l2Normalize(textEmbeds)));

/** Scores of the linear classifier. @param images unit rows [B, P]. @returns [B, C] */
export const probeLogits = (images: Node, param: (name: string) => Node): Node =>
  linear(images, param("probe.weight"), param("probe.bias"));

export interface PromptSet {
  /** Each distinct prompt once, in order of first use. */
  readonly prompts: readonly string[];
  /** Averaging weights [classes, prompts], row-major: rows sum to 1. */
  readonly averaging: readonly number[];
}

/** What to encode, and how to average it, for the prompts of each class; a prompt listed twice counts twice. */
export function averagePrompts(byClass: readonly (readonly string[])[]): PromptSet {
  const prompts = [...new Set(byClass.flat())];
  const index = new Map(prompts.map((prompt, i) => [prompt, i]));
  const averaging = byClass.flatMap((texts) => {
    const row = prompts.map(() => 0);
    for (const text of texts) row[index.get(text)!]! += 1 / texts.length;
    return row;
  });
  return { prompts, averaging };
}
