/** @file A CLIP with all that belongs to it, and the checks that its parts fit each other. */
import { UsageError } from "../run/errors.ts";
import type { ClipConfig } from "./clip/config.ts";
import { clipParams } from "./clip/params.ts";
import { fitAll } from "./fit-weights.ts";
import type { ImageProcessor } from "./image-processor.ts";
import type { JsonObject } from "./json-files.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { StoredTensor, Weights } from "./weights.ts";

export interface ClipModel {
  readonly kind: "clip";
  readonly config: ClipConfig;
  /** Every parameter of `clipParams(config)`, in its order. */
  readonly weights: Weights;
  readonly tokenizer: Tokenizer;
  readonly imageProcessor: ImageProcessor;
  /** The JSON files it came from, so that fields this program does not use survive a save. */
  readonly source: { readonly config: JsonObject; readonly imageProcessor: JsonObject };
}

/** Buffers of old checkpoints that hold 0, 1, 2, ... */
const isHarmless = (name: string): boolean => /(^|\.)embeddings\.position_ids$/.test(name);

/**
 * The parameters of a CLIP among stored tensors, as 32-bit floats.
 * Throws UsageError counting and naming tensors that are missing, unknown, of another shape or not floating-point.
 */
export function clipWeights(
  config: ClipConfig,
  tensors: ReadonlyMap<string, StoredTensor>,
  where: string,
): Weights {
  return fitAll(clipParams(config), tensors, isHarmless, where, "CLIP model");
}

/** Throws UsageError when prompts or images would not fit the towers. */
export function checkParts(
  { text, vision }: ClipConfig,
  tokenizer: Tokenizer,
  { crop }: ImageProcessor,
  where: string,
): void {
  if (tokenizer.vocabSize > text.vocabSize)
    throw new UsageError(
      `${where}: the tokenizer has ${tokenizer.vocabSize} tokens, expected at most the model's ${text.vocabSize}; take both from the same model`,
    );
  // 2 stands for "the largest id" in old configs
  if (text.eosTokenId !== 2 && text.eosTokenId !== tokenizer.eosId)
    throw new UsageError(
      `${where}: the tokenizer ends texts with id ${tokenizer.eosId}, expected the model's eos_token_id ${text.eosTokenId}; take both from the same model`,
    );
  if (crop.width !== vision.imageSize || crop.height !== vision.imageSize)
    throw new UsageError(
      `${where}: the image processor gives ${crop.width} x ${crop.height} pixels, expected the model's ${vision.imageSize} x ${vision.imageSize}; take both from the same model`,
    );
}
