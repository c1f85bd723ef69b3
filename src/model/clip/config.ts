/** @file CLIP's configuration: what `config.json` of a Hugging Face `CLIPModel` says. */
import { z } from "zod";
import { UsageError } from "../../run/errors.ts";
import type { Trunk } from "../cnn/config.ts";
import { layers } from "../cnn/config-json.ts";
import { type Layer, withInner } from "../cnn/layers.ts";
import { placeTrunk } from "../cnn/shapes.ts";

/** What both towers have: a pre-norm transformer. */
export interface TowerConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly hiddenAct: "quick_gelu" | "gelu";
  readonly layerNormEps: number;
}
/** A vision transformer (Dosovitskiy et al. 2020), as Hugging Face's CLIPs have. */
export interface VitConfig extends TowerConfig {
  readonly kind: "vit";
  readonly imageSize: number;
  readonly patchSize: number;
  readonly numChannels: number;
}
/** Convolutions that end in a vector, which the final norm and the projection read. Each image is seen by itself. */
export interface ConvConfig {
  readonly kind: "conv";
  readonly imageSize: number;
  readonly numChannels: 3;
  readonly layerNormEps: number;
  readonly trunk: readonly Layer[];
}
export type VisionConfig = VitConfig | ConvConfig;
export interface TextConfig extends TowerConfig {
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  readonly bosTokenId: number;
  /** 2 (checkpoints older than transformers 4.31, openai/clip-vit-* among them) means: pool at the largest id. */
  readonly eosTokenId: number;
  readonly padTokenId: number;
}
export interface ClipConfig {
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  readonly projectionDim: number;
  /** The logarithm of the initial temperature factor; 2.6592 = ln(1 / 0.07). */
  readonly logitScaleInitValue: number;
}
/** `image` is `vision_model`, `text` is `text_model`. */
export type Tower = "image" | "text";

/** The transformer of a tower. Throws UsageError for an image tower that is none. */
export function towerConfig({ text, vision }: ClipConfig, tower: Tower): TowerConfig {
  if (tower === "text") return text;
  if (vision.kind === "conv")
    throw new UsageError(
      "model.trainable: the image tower is convolutional and has no blocks to train or adapt; expected kind full, head or probe, blocks with image 0, or lora with towers [text]",
    );
  return vision;
}

/** The layers of a convolutional tower, with the images that they read. */
export const trunkOf = ({ imageSize, numChannels, trunk }: ConvConfig): Trunk => ({
  input: { size: imageSize, channels: numChannels },
  trunk,
});

/** D: numbers of the vector that a tower's final norm and projection read. */
export function pooledSize({ text, vision }: ClipConfig, tower: Tower): number {
  if (tower === "text") return text.hiddenSize;
  return vision.kind === "vit" ? vision.hiddenSize : placeTrunk(trunkOf(vision)).at(-1)!.to[0]!;
}

/** Tokens of an image: one per patch, and the class token in front; of a convolutional tower its one vector. */
export const imageTokens = (vision: VisionConfig): number =>
  vision.kind === "vit" ? (vision.imageSize / vision.patchSize) ** 2 + 1 : 1;

const count = z.int().positive();
const id = z.int().min(0);
// defaults are those of transformers' CLIPVisionConfig and CLIPTextConfig
const tower = (defaults: { hidden: number; heads: number }) => ({
  hidden_size: count.default(defaults.hidden),
  intermediate_size: count.default(4 * defaults.hidden),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(defaults.heads),
  hidden_act: z.enum(["quick_gelu", "gelu"]).default("quick_gelu"),
  layer_norm_eps: z.number().positive().default(1e-5),
});
interface HeadSizes {
  hidden_size: number;
  num_attention_heads: number;
}
const wholeHeads = (c: HeadSizes): boolean => c.hidden_size % c.num_attention_heads === 0;
const headsError = { error: "hidden_size must be a multiple of num_attention_heads" };

const towerOf = (c: z.infer<z.ZodObject<ReturnType<typeof tower>>>): TowerConfig => ({
  hiddenSize: c.hidden_size,
  intermediateSize: c.intermediate_size,
  numHiddenLayers: c.num_hidden_layers,
  numAttentionHeads: c.num_attention_heads,
  hiddenAct: c.hidden_act,
  layerNormEps: c.layer_norm_eps,
});

const vision = z
  .object({
    ...tower({ hidden: 768, heads: 12 }),
    image_size: count.default(224),
    patch_size: count.default(32),
    num_channels: count.default(3),
  })
  .refine(wholeHeads, headsError)
  .refine((c) => c.image_size % c.patch_size === 0, {
    error: "image_size must be a multiple of patch_size",
  })
  .transform((c): VitConfig => ({
    kind: "vit",
    ...towerOf(c),
    imageSize: c.image_size,
    patchSize: c.patch_size,
    numChannels: c.num_channels,
  }));
/** What `vision_config` says of a convolutional tower, which is none of transformers'. */
const CONV_MODEL_TYPE = "equiclip_conv_vision_model";
/** transformers reads a `vision_config` of any `model_type`, and fills a ViT at random; at this value it stops and shows it. */
const REFUSAL = "none: the image tower is convolutional, which transformers' CLIP is not";
const convMark = { model_type: z.literal(CONV_MODEL_TYPE) };
const conv = z
  .object({
    ...convMark,
    image_size: count,
    num_channels: z.literal(3),
    layer_norm_eps: z.number().positive(),
    layers: layers.min(1),
  })
  .transform((c): ConvConfig => ({
    kind: "conv",
    imageSize: c.image_size,
    numChannels: c.num_channels,
    layerNormEps: c.layer_norm_eps,
    trunk: c.layers,
  }));
const text = z
  .object({
    ...tower({ hidden: 512, heads: 8 }),
    vocab_size: count.default(49408),
    max_position_embeddings: count.default(77),
    bos_token_id: id.nullable().default(49406),
    eos_token_id: id.default(49407),
    pad_token_id: id.nullable().default(1),
  })
  .refine(wholeHeads, headsError);
const common = {
  model_type: z.literal("clip"),
  text_config: text.nullish(),
  text_config_dict: text.nullish(),
  projection_dim: count.default(512),
  logit_scale_init_value: z.number().default(2.6592),
};
const vitClip = z.object({
  ...common,
  // a non-null `*_config_dict` of old checkpoints wins over `*_config`, as in transformers
  vision_config: vision.nullish(),
  vision_config_dict: vision.nullish(),
});
const convClip = z.object({
  ...common,
  vision_config: conv,
  vision_config_dict: z.null().optional(),
});
const isConv = (json: unknown): boolean =>
  z.object({ vision_config: z.object(convMark) }).safeParse(json).success;

/** Throws UsageError for layers that do not fit each other, that end in no vector, or that an image tower cannot have. */
function checkConv(vision: ConvConfig, where: string): void {
  const foreign = vision.trunk
    .flatMap(withInner)
    .find(
      (layer) =>
        layer.kind === "batchNorm" ||
        layer.kind === "dropout" ||
        (layer.kind === "conv" && layer.l2 > 0),
    );
  if (foreign)
    throw new UsageError(
      `${where}: vision_config.layers: ${foreign.kind} "${foreign.name}": an image tower has no batch norm, no dropout and no L2 penalty; use groupNorm, and train.optimizer.weightDecay`,
    );
  const last = placeTrunk(trunkOf(vision), `${where}: vision_config`).at(-1)!;
  if (last.to.length !== 1)
    throw new UsageError(
      `${where}: vision_config.layers: expected a vector at the end, received an image from ${last.layer.kind} "${last.layer.name}"; pool or flatten it`,
    );
}

/**
 * Reads a parsed `config.json`; omitted fields take transformers' defaults, unknown ones are ignored. Dropout is not
 * applied (published CLIPs have none).
 * @param where names the file in errors. Throws UsageError for another `model_type` or a value out of range.
 */
export function parseClipConfig(json: unknown, where: string): ClipConfig {
  const result = (isConv(json) ? convClip : vitClip).safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    const received = path.reduce<unknown>(
      (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
      json,
    );
    throw new UsageError(
      path[0] === "model_type"
        ? `${where}: model_type is ${JSON.stringify(received) ?? "missing"}, expected "clip"; choose a CLIP model such as openai/clip-vit-base-patch32`
        : `${where}: ${path.join(".") || "the file"}: ${message}${typeof received === "object" ? "" : `, received ${String(received)}`}; fix it or take the model's original config.json`,
    );
  }
  const c = result.data;
  const v = c.vision_config_dict ?? c.vision_config ?? vision.parse({});
  if (v.kind === "conv") checkConv(v, where);
  const t = c.text_config_dict ?? c.text_config ?? text.parse({});
  return {
    vision: v,
    text: {
      ...towerOf(t),
      vocabSize: t.vocab_size,
      maxPositionEmbeddings: t.max_position_embeddings,
      bosTokenId: t.bos_token_id ?? 49406,
      eosTokenId: t.eos_token_id,
      padTokenId: t.pad_token_id ?? 1,
    },
    projectionDim: c.projection_dim,
    logitScaleInitValue: c.logit_scale_init_value,
  };
}

/** The content of a `config.json` that `CLIPModel.from_pretrained` reads as the same model, or refuses where it cannot. */
export function toHuggingFaceConfig(config: ClipConfig): object {
  const towerJson = (c: TowerConfig) => ({
    hidden_size: c.hiddenSize,
    intermediate_size: c.intermediateSize,
    num_hidden_layers: c.numHiddenLayers,
    num_attention_heads: c.numAttentionHeads,
    hidden_act: c.hiddenAct,
    layer_norm_eps: c.layerNormEps,
    projection_dim: config.projectionDim,
  });
  const { vision } = config;
  return {
    architectures: ["CLIPModel"],
    model_type: "clip",
    dtype: "float32",
    projection_dim: config.projectionDim,
    logit_scale_init_value: config.logitScaleInitValue,
    text_config: {
      model_type: "clip_text_model",
      ...towerJson(config.text),
      vocab_size: config.text.vocabSize,
      max_position_embeddings: config.text.maxPositionEmbeddings,
      bos_token_id: config.text.bosTokenId,
      eos_token_id: config.text.eosTokenId,
      pad_token_id: config.text.padTokenId,
    },
    vision_config:
      vision.kind === "vit"
        ? {
            model_type: "clip_vision_model",
            ...towerJson(vision),
            image_size: vision.imageSize,
            patch_size: vision.patchSize,
            num_channels: vision.numChannels,
          }
        : {
            model_type: CONV_MODEL_TYPE,
            hidden_act: REFUSAL,
            image_size: vision.imageSize,
            num_channels: vision.numChannels,
            layer_norm_eps: vision.layerNormEps,
            layers: vision.trunk,
          },
  };
}
