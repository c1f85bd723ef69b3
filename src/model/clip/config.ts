/** @file CLIP's configuration: what `config.json` of a Hugging Face `CLIPModel` says. */
import { z } from "zod";
import { UsageError } from "../../run/errors.ts";

/** What both towers have: a pre-norm transformer. */
export interface TowerConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly hiddenAct: "quick_gelu" | "gelu";
  readonly layerNormEps: number;
}
export interface VisionConfig extends TowerConfig {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly numChannels: number;
}
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

export const towerConfig = (config: ClipConfig, tower: Tower): TowerConfig =>
  tower === "image" ? config.vision : config.text;

/** Tokens of an image: one per patch, and the class token in front. */
export const imageTokens = ({ vision }: ClipConfig): number =>
  (vision.imageSize / vision.patchSize) ** 2 + 1;

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
  });
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
const clip = z.object({
  model_type: z.literal("clip"),
  // a non-null `*_config_dict` of old checkpoints wins over `*_config`, as in transformers
  vision_config: vision.nullish(),
  vision_config_dict: vision.nullish(),
  text_config: text.nullish(),
  text_config_dict: text.nullish(),
  projection_dim: count.default(512),
  logit_scale_init_value: z.number().default(2.6592),
});

const towerOf = (c: z.infer<typeof vision> | z.infer<typeof text>): TowerConfig => ({
  hiddenSize: c.hidden_size,
  intermediateSize: c.intermediate_size,
  numHiddenLayers: c.num_hidden_layers,
  numAttentionHeads: c.num_attention_heads,
  hiddenAct: c.hidden_act,
  layerNormEps: c.layer_norm_eps,
});

/**
 * Reads a parsed `config.json`; omitted fields take transformers' defaults, unknown ones are ignored. Dropout is not
 * applied (published CLIPs have none).
 * @param where names the file in errors. Throws UsageError for another `model_type` or a value out of range.
 */
export function parseClipConfig(json: unknown, where: string): ClipConfig {
  const result = clip.safeParse(json);
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
  const t = c.text_config_dict ?? c.text_config ?? text.parse({});
  return {
    vision: {
      ...towerOf(v),
      imageSize: v.image_size,
      patchSize: v.patch_size,
      numChannels: v.num_channels,
    },
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

/** The content of a `config.json` that `CLIPModel.from_pretrained` reads as the same model. */
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
    vision_config: {
      model_type: "clip_vision_model",
      ...towerJson(config.vision),
      image_size: config.vision.imageSize,
      patch_size: config.vision.patchSize,
      num_channels: config.vision.numChannels,
    },
  };
}
