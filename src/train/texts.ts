/** @file Texts as the text tower is fed them: distinct ones, padded to the longest. */
import type { Tensor, Tensors } from "../engine/engine.ts";
import { input } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import type { ClipConfig } from "../model/clip/config.ts";
import { averagePrompts } from "../model/clip/heads.ts";
import { eosRows, textTower } from "../model/clip/text.ts";
import { UsageError } from "../run/errors.ts";
import type { Towers } from "./network.ts";
import { distinctTexts } from "./targets.ts";

/** Token ids of each text, with BOS and EOS, cut to the tower's positions. */
export type Tokenize = (texts: readonly string[]) => readonly ArrayLike<number>[];

/** Distinct texts, and how graphs come by their embeddings. */
export interface Texts {
  /** Of each text. */
  readonly tokens: readonly ArrayLike<number>[];
  /** Embeddings of `count` of them, not normalised: [count, P]. */
  readonly embeds: (towers: Pick<Towers, "config" | "layers">, count: number) => Node;
  /** What `embeds` is fed for these of them. */
  readonly feeds: (texts: readonly number[]) => Tensors;
}

/** Tokens of the longest. */
export const longest = (tokens: Texts["tokens"]): number =>
  tokens.reduce((most, { length }) => Math.max(most, length), 0);

/** Some texts, ready to encode. */
export interface TextBatch {
  /** int [N, length]: the tower is causal, so padding beyond a text changes nothing. */
  readonly inputIds: Tensor;
  /** int [N]: where each is pooled. */
  readonly eosRows: Tensor;
}

/** @param length tokens that all are padded to; by default those of the longest. */
export function textBatch(
  config: ClipConfig,
  tokens: Texts["tokens"],
  length = longest(tokens),
): TextBatch {
  const ids = new Int32Array(tokens.length * length).fill(config.text.padTokenId);
  tokens.forEach((row, i) => ids.set(row, i * length));
  return {
    inputIds: { shape: [tokens.length, length], data: ids },
    eosRows: { shape: [tokens.length], data: eosRows(config, tokens) },
  };
}

/** Texts that the whole tower encodes anew whenever they are fed. */
export function plainTexts(config: ClipConfig, tokens: Texts["tokens"]): Texts {
  const length = longest(tokens);
  return {
    tokens,
    embeds: ({ layers }, count) =>
      textTower(
        config,
        layers,
        input("inputIds", [count, length], "int"),
        input("eosRows", [count], "int"),
      ).embeds,
    feeds: (texts) => ({
      ...textBatch(
        config,
        texts.map((i) => tokens[i]!),
        length,
      ),
    }),
  };
}

/** The prompts of every class. */
export interface ClassTexts {
  /** The distinct prompts, N of them. */
  readonly texts: Texts;
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
  return { texts: plainTexts(config, tokenize(prompts)), averaging, classes: byClass.length };
}

/** The caption of every row. */
export interface Captions {
  /** The distinct ones. */
  readonly texts: Texts;
  /** Which of them each row has. */
  readonly index: Int32Array;
}

/** @throws UsageError when the model reads all captions as the same, so that there is nothing to learn from them */
export function captionTexts(
  config: ClipConfig,
  tokenize: Tokenize,
  captions: readonly string[],
): Captions {
  const { distinct, index } = distinctTexts(captions);
  const tokens = tokenize(distinct);
  if (new Set(tokens.map((ids) => Array.from(ids).join(" "))).size < 2) {
    const { length } = tokens[0] ?? [];
    throw new UsageError(
      `train.caption: expected captions that tell rows apart, received ${
        distinct.length > 1
          ? `${distinct.length} that are the same in their first ${length} tokens, all that the model reads; make them shorter`
          : `"${distinct[0]}" for every row; name a label in braces`
      }`,
    );
  }
  return { texts: plainTexts(config, tokens), index };
}
