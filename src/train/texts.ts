/** @file Texts as the text tower is fed them: distinct ones, padded to the longest. */
import type { Tensor } from "../engine/engine.ts";
import type { ClipConfig } from "../model/clip/config.ts";
import { averagePrompts } from "../model/clip/heads.ts";
import { eosRows } from "../model/clip/text.ts";

/** Token ids of each text, with BOS and EOS, cut to the tower's positions. */
export type Tokenize = (texts: readonly string[]) => readonly ArrayLike<number>[];

export interface TextBatch {
  /** int [N, T], T the longest of them: the tower is causal, so padding beyond changes nothing. */
  readonly inputIds: Tensor;
  /** int [N]: where each is pooled. */
  readonly eosRows: Tensor;
}

/** Texts ready to encode. @param length pads to at least so many tokens, so that batches share a graph. */
export function textBatch(
  config: ClipConfig,
  tokens: readonly ArrayLike<number>[],
  length = 0,
): TextBatch {
  const width = Math.max(length, ...tokens.map((row) => row.length));
  const ids = new Int32Array(tokens.length * width).fill(config.text.padTokenId);
  tokens.forEach((row, i) => ids.set(row, i * width));
  return {
    inputIds: { shape: [tokens.length, width], data: ids },
    eosRows: { shape: [tokens.length], data: eosRows(config, tokens) },
  };
}

/** The prompts of every class. */
export interface ClassTexts extends TextBatch {
  /** Weights that average prompts to classes: [classes, N], row-major. */
  readonly averaging: readonly number[];
  readonly classes: number;
}

/** @param byClass the prompts of each class, in class order. */
export function classTexts(
  config: ClipConfig,
  tokenize: Tokenize,
  byClass: readonly (readonly string[])[],
): ClassTexts {
  const { prompts, averaging } = averagePrompts(byClass);
  return { ...textBatch(config, tokenize(prompts)), averaging, classes: byClass.length };
}
