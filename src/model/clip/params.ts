/** @file CLIP's parameters: Hugging Face names, shapes, and how they start when nothing is loaded. */
import type { Shape } from "../../graph/node.ts";
import { trunkParams } from "../cnn/params.ts";
import { type ParamSpec, initialize } from "../param-spec.ts";
import type { Weights } from "../weights.ts";
import {
  type ClipConfig,
  type ConvConfig,
  type Tower,
  type TowerConfig,
  type VitConfig,
  imageTokens,
  pooledSize,
  trunkOf,
} from "./config.ts";

const normal = (name: string, shape: Shape, std: number): ParamSpec => ({
  name,
  shape,
  init: { kind: "normal", std },
});
const filled = (name: string, shape: Shape, value: number): ParamSpec => ({
  name,
  shape,
  init: { kind: "constant", value },
});
const linearParams = (module: string, inputs: number, outputs: number, std: number) => [
  normal(`${module}.weight`, [outputs, inputs], std),
  filled(`${module}.bias`, [outputs], 0),
];
const normParams = (module: string, size: number) => [
  filled(`${module}.weight`, [size], 1),
  filled(`${module}.bias`, [size], 0),
];

/** The name in front of a tower's parameters. */
const towerModule = { image: "vision_model", text: "text_model" } as const satisfies Record<
  Tower,
  string
>;
/** The name in front of a block's parameters. */
export const blockModule = (tower: Tower, index: number): string =>
  `${towerModule[tower]}.encoder.layers.${index}`;

/** The linear maps of a block, and their sizes in units of D (hidden) and F (intermediate): [in, out]. */
export const PROJECTIONS = {
  q_proj: { path: "self_attn.q_proj", in: "D", out: "D" },
  k_proj: { path: "self_attn.k_proj", in: "D", out: "D" },
  v_proj: { path: "self_attn.v_proj", in: "D", out: "D" },
  out_proj: { path: "self_attn.out_proj", in: "D", out: "D" },
  fc1: { path: "mlp.fc1", in: "D", out: "F" },
  fc2: { path: "mlp.fc2", in: "F", out: "D" },
} as const;
export type Projection = keyof typeof PROJECTIONS;

function blockParams(module: string, config: TowerConfig): ParamSpec[] {
  const size = { D: config.hiddenSize, F: config.intermediateSize };
  const outStd = config.hiddenSize ** -0.5;
  const residualStd = outStd * (2 * config.numHiddenLayers) ** -0.5;
  const std: Record<Projection, number> = {
    q_proj: residualStd,
    k_proj: residualStd,
    v_proj: residualStd,
    out_proj: outStd,
    fc1: (2 * config.hiddenSize) ** -0.5,
    fc2: residualStd,
  };
  const projectionParams = (name: Projection): ParamSpec[] => {
    const p = PROJECTIONS[name];
    return linearParams(`${module}.${p.path}`, size[p.in], size[p.out], std[name]);
  };
  return [
    ...(["k_proj", "v_proj", "q_proj", "out_proj"] as const).flatMap(projectionParams),
    ...normParams(`${module}.layer_norm1`, config.hiddenSize),
    ...(["fc1", "fc2"] as const).flatMap(projectionParams),
    ...normParams(`${module}.layer_norm2`, config.hiddenSize),
  ];
}
const blocksParams = (tower: Tower, config: TowerConfig): ParamSpec[] =>
  Array.from({ length: config.numHiddenLayers }, (_, i) =>
    blockParams(blockModule(tower, i), config),
  ).flat();

/** A vision transformer's parameters up to its final norm. */
function vitParams(vision: VitConfig): readonly ParamSpec[] {
  const { hiddenSize, numChannels, patchSize } = vision;
  const embeddings = "vision_model.embeddings";
  const kernel = [hiddenSize, numChannels, patchSize, patchSize];
  return [
    normal(`${embeddings}.class_embedding`, [hiddenSize], hiddenSize ** -0.5),
    normal(`${embeddings}.patch_embedding.weight`, kernel, 0.02),
    normal(`${embeddings}.position_embedding.weight`, [imageTokens(vision), hiddenSize], 0.02),
    ...normParams("vision_model.pre_layrnorm", hiddenSize), // the name's typo is Hugging Face's
    ...blocksParams("image", vision),
  ];
}
/** A convolutional tower's, by PyTorch's initialisation. */
const convParams = (vision: ConvConfig): readonly ParamSpec[] =>
  trunkParams(trunkOf(vision), "pytorch").map((spec) => ({
    ...spec,
    name: `${towerModule.image}.${spec.name}`,
  }));

/**
 * Every parameter, in the order of transformers' `CLIPModel.named_parameters()`. The initialisation is that of its
 * `CLIPPreTrainedModel._init_weights` with the default initializer_factor 1 and initializer_range 0.02.
 */
export function clipParams(config: ClipConfig): readonly ParamSpec[] {
  const { text, vision, projectionDim } = config;
  const textEmbeddings = "text_model.embeddings";
  const imageSize = pooledSize(config, "image");
  return [
    filled("logit_scale", [], config.logitScaleInitValue),
    normal(`${textEmbeddings}.token_embedding.weight`, [text.vocabSize, text.hiddenSize], 0.02),
    normal(
      `${textEmbeddings}.position_embedding.weight`,
      [text.maxPositionEmbeddings, text.hiddenSize],
      0.02,
    ),
    ...blocksParams("text", text),
    ...normParams("text_model.final_layer_norm", text.hiddenSize),
    ...(vision.kind === "conv" ? convParams(vision) : vitParams(vision)),
    ...normParams("vision_model.post_layernorm", imageSize),
    normal("visual_projection.weight", [projectionDim, imageSize], imageSize ** -0.5),
    normal("text_projection.weight", [projectionDim, text.hiddenSize], text.hiddenSize ** -0.5),
  ];
}

/** Weights of an untrained CLIP. */
export const initialWeights = (config: ClipConfig, seed: number): Weights =>
  initialize(clipParams(config), seed);
