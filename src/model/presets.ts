/** @file Models from scratch: named sizes with seeded random weights. */
import { UsageError } from "../run/errors.ts";
import { byteTokenizerFiles } from "./byte-tokenizer.ts";
import type { ClipModel } from "./clip-model.ts";
import {
  type ClipConfig,
  type TowerConfig,
  type VisionConfig,
  toHuggingFaceConfig,
} from "./clip/config.ts";
import { initialWeights } from "./clip/params.ts";
import { type Layer, conv, globalAvgPool, groupNorm, maxPool, relu } from "./cnn/layers.ts";
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

const vit = (imageSize: number, patchSize: number, transformer: TowerConfig): VisionConfig => ({
  kind: "vit",
  ...transformer,
  imageSize,
  patchSize,
  numChannels: 3,
});

const normalized = (index: number, filters: number): Layer[] => [
  conv(`conv${index}`, filters, 3, { padding: 1, bias: false }),
  groupNorm(`norm${index}`),
  relu(`relu${index}`),
];
/** Convolutions with so many filters, pooling between them, and the mean of each channel. */
const convolutions = (imageSize: number, filters: readonly number[]): VisionConfig => ({
  kind: "conv",
  imageSize,
  numChannels: 3,
  layerNormEps: 1e-5,
  trunk: filters.flatMap((count, i) => [
    ...normalized(i + 1, count),
    i < filters.length - 1 ? maxPool(`pool${i + 1}`) : globalAvgPool(`pool${i + 1}`),
  ]),
});

interface Preset {
  readonly image: VisionConfig;
  readonly text: TowerConfig;
  readonly projectionDim: number;
  /** Rows of the token table; null: as many as the tokenizer has tokens. */
  readonly vocabSize: number | null;
}

const PRESETS = {
  /** Tests and first steps, for drawings of 32 pixels: trains in half a minute. */
  tiny: {
    image: vit(32, 4, tower(64, 2, 4)),
    text: tower(32, 2, 4),
    projectionDim: 32,
    vocabSize: null,
  },
  /** About a million parameters, for faces of 48 pixels. */
  small: {
    image: vit(48, 8, tower(128, 4, 4)),
    text: tower(64, 2, 4),
    projectionDim: 64,
    vocabSize: null,
  },
  /** tiny with convolutions in its image tower. */
  "tiny-conv": {
    image: convolutions(32, [16, 32, 64, 64]),
    text: tower(32, 2, 4),
    projectionDim: 32,
    vocabSize: null,
  },
  /** small with convolutions in its image tower, those of cnn:small. */
  "small-conv": {
    image: convolutions(48, [32, 64, 128, 256, 256]),
    text: tower(64, 2, 4),
    projectionDim: 64,
    vocabSize: null,
  },
  /** The size of openai/clip-vit-base-patch32. */
  "base-patch32": {
    image: vit(224, 32, tower(768, 12, 12)),
    text: tower(512, 12, 8),
    projectionDim: 512,
    vocabSize: 49_408,
  },
} satisfies Record<string, Preset>;
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
    vision: image,
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
