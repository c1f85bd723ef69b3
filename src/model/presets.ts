/** @file Models from scratch: named sizes with seeded random weights. */
import { UsageError } from "../run/errors.ts";
import { byteTokenizerFiles } from "./byte-tokenizer.ts";
import type { ClipModel } from "./clip-model.ts";
import { toHuggingFaceConfig, type ClipConfig, type TowerConfig } from "./clip/config.ts";
import { initialWeights } from "./clip/params.ts";
import { clipImageProcessor, toHuggingFaceImageProcessor } from "./image-processor.ts";
import { createTokenizer, type Tokenizer } from "./tokenizer.ts";

/** Tokens of a prompt, as CLIP has it. */
const CONTEXT = 77;
/** ln(1 / 0.07), rounded as Hugging Face rounds it. */
const LOGIT_SCALE = 2.6592;

/** A tower whose MLP is four times as wide as the tower. */
const tower = (
  hiddenSize: number,
  numHiddenLayers: number,
  numAttentionHeads: number,
): TowerConfig => ({
  hiddenSize,
  intermediateSize: 4 * hiddenSize,
  numHiddenLayers,
  numAttentionHeads,
  hiddenAct: "quick_gelu",
  layerNormEps: 1e-5,
});

interface Preset {
  readonly image: TowerConfig & { readonly imageSize: number; readonly patchSize: number };
  readonly text: TowerConfig;
  readonly projectionDim: number;
  /** Rows of the token table; null: as many as the tokenizer has tokens. */
  readonly vocabSize: number | null;
}

const PRESETS = {
  /** Tests and first steps, for drawings of 32 pixels: trains in half a minute. */
  tiny: {
    image: { ...tower(64, 2, 4), imageSize: 32, patchSize: 4 },
    text: tower(32, 2, 4),
    projectionDim: 32,
    vocabSize: null,
  },
  /** About a million parameters, for faces of 48 pixels. */
  small: {
    image: { ...tower(128, 4, 4), imageSize: 48, patchSize: 8 },
    text: tower(64, 2, 4),
    projectionDim: 64,
    vocabSize: null,
  },
  /** The size of openai/clip-vit-base-patch32. */
  "base-patch32": {
    image: { ...tower(768, 12, 12), imageSize: 224, patchSize: 32 },
    text: tower(512, 12, 8),
    projectionDim: 512,
    vocabSize: 49_408,
  },
} as const satisfies Record<string, Preset>;
type PresetName = keyof typeof PRESETS;

const isPreset = (name: string): name is PresetName => Object.hasOwn(PRESETS, name);

/**
 * An untrained model. Equal seeds give equal weights.
 * @param tokenizer CLIP's, or null for one token per byte. Throws UsageError for an unknown name.
 */
export function presetModel(name: string, seed: number, tokenizer: Tokenizer | null): ClipModel {
  if (!isPreset(name))
    throw new UsageError(
      `preset:${name}: expected one of ${Object.keys(PRESETS).join(", ")}, received "${name}"`,
    );
  const { image, text, projectionDim, vocabSize }: Preset = PRESETS[name];
  const words = tokenizer ?? createTokenizer(byteTokenizerFiles(CONTEXT), `preset:${name}`);
  const config: ClipConfig = {
    vision: { ...image, numChannels: 3 },
    text: {
      ...text,
      vocabSize: vocabSize ?? words.vocabSize,
      maxPositionEmbeddings: CONTEXT,
      bosTokenId: words.bosId,
      eosTokenId: words.eosId,
      padTokenId: words.padId,
    },
    projectionDim,
    logitScaleInitValue: LOGIT_SCALE,
  };
  const imageProcessor = clipImageProcessor(image.imageSize);
  return {
    kind: "clip",
    config,
    weights: initialWeights(config, seed),
    tokenizer: words,
    imageProcessor,
    source: {
      config: { ...toHuggingFaceConfig(config) },
      imageProcessor: { ...toHuggingFaceImageProcessor(imageProcessor) },
    },
  };
}
