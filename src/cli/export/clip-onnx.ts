/** @file CLIP as ONNX models with the inputs and outputs that transformers.js and Optimum know. */
import { standalone, type Preamble } from "../../engine/onnx/standalone.ts";
import { type OnnxModel, type OnnxNode, modelParts } from "../../engine/onnx/writer.ts";
import { l2Normalize, transpose } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { ClipModel } from "../../model/clip-model.ts";
import type { ClipConfig } from "../../model/clip/config.ts";
import { fedLayers, imageEmbeds, textEmbeds } from "../../model/clip/graphs.ts";
import { similarityLogits } from "../../model/clip/heads.ts";
import type { Layers } from "../../model/clip/layers.ts";

const IMAGES = "image_batch_size";
const TEXTS = "text_batch_size";

/**
 * The feeds `ids` and `eos_rows` of the text tower from `input_ids` of any length, as `eosRows` makes them on the host.
 * Texts are padded to all positions: the tower is causal, so what follows EOS never matters; nor does the mask, which
 * is taken because callers pass it. A text that is too long fails, as in Python.
 */
function textPreamble({ text }: ClipConfig): Preamble {
  const ints = (name: string, ...values: readonly number[]) => ({
    name,
    shape: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  const scalar = (name: string, value: number) => ({ ...ints(name, value), shape: [] });
  const node = (
    type: string,
    inputs: readonly string[],
    output: string,
    attributes: OnnxNode["attributes"] = {},
  ): OnnxNode => ({ type, domain: "", inputs, outputs: [output], attributes });
  const INT32 = { to: { int: 6 } };
  // old configs say 2 and mean the largest id
  const marks =
    text.eosTokenId === 2
      ? [node("Cast", ["ids"], "text/marks", INT32)]
      : [
          node("Equal", ["ids", "text/eos"], "text/is_eos"),
          node("Cast", ["text/is_eos"], "text/marks", INT32),
        ];
  return {
    inputs: ["input_ids", "attention_mask"].map((name) => ({
      name,
      type: "int64",
      shape: [TEXTS, "sequence_length"],
    })),
    initializers: [
      ints("text/zeros", 0, 0, 0),
      ints("text/zero", 0),
      ints("text/one", 1),
      ints("text/positions", text.maxPositionEmbeddings),
      scalar("text/eos", text.eosTokenId),
      scalar("text/start", 0),
      scalar("text/step", 1),
    ],
    nodes: [
      node("Shape", ["input_ids"], "text/shape"),
      node("Gather", ["text/shape", "text/one"], "text/length", { axis: { int: 0 } }),
      node("Sub", ["text/positions", "text/length"], "text/short"),
      node("Max", ["text/short", "text/zero"], "text/missing"),
      node("Concat", ["text/zeros", "text/missing"], "text/pads", { axis: { int: 0 } }),
      node("Pad", ["input_ids", "text/pads"], "ids"),
      ...marks,
      node("ArgMax", ["text/marks"], "text/eos_position", {
        axis: { int: 1 },
        keepdims: { int: 0 },
      }),
      node("Gather", ["text/shape", "text/start"], "text/batch", { axis: { int: 0 } }),
      node("Mul", ["text/eos_position", "text/batch"], "text/first_rows"),
      node("Range", ["text/start", "text/batch", "text/step"], "text/numbers"),
      node("Add", ["text/first_rows", "text/numbers"], "eos_rows"),
    ],
  };
}

type Sizes = Readonly<Record<typeof IMAGES | typeof TEXTS, number>>;

const imagesOf = ({ config }: ClipModel, layers: Layers, sizes: Pick<Sizes, typeof IMAGES>): Node =>
  imageEmbeds(config, layers, sizes[IMAGES]);
const textsOf = ({ config }: ClipModel, layers: Layers, sizes: Pick<Sizes, typeof TEXTS>): Node =>
  textEmbeds(config, layers, [sizes[TEXTS], config.text.maxPositionEmbeddings]);

function similarities(model: ClipModel, sizes: Sizes): Record<string, Node> {
  const layers = fedLayers(model.weights);
  const images = l2Normalize(imagesOf(model, layers, sizes));
  const texts = l2Normalize(textsOf(model, layers, sizes));
  const logits = similarityLogits(images, texts, layers.param("logit_scale"));
  return {
    logits_per_image: logits,
    logits_per_text: transpose(logits, [1, 0]),
    text_embeds: texts,
    image_embeds: images,
  };
}

/** What can be written, by the file's name in transformers.js' folder `onnx`. */
const FILES = {
  /** `CLIPVisionModelWithProjection`: embeddings of any length. */
  vision_model: (model) => {
    const layers = fedLayers(model.weights);
    const build = (sizes: Pick<Sizes, typeof IMAGES>) => ({
      image_embeds: imagesOf(model, layers, sizes),
    });
    return standalone(build, [IMAGES], model.weights);
  },
  /** `CLIPTextModelWithProjection`: embeddings of any length. */
  text_model: (model) => {
    const layers = fedLayers(model.weights);
    const build = (sizes: Pick<Sizes, typeof TEXTS>) => ({
      text_embeds: textsOf(model, layers, sizes),
    });
    return standalone(build, [TEXTS], model.weights, textPreamble(model.config));
  },
  /** `CLIPModel`: unit embeddings and their similarities. */
  model: (model) =>
    standalone(
      (sizes: Sizes) => similarities(model, sizes),
      [IMAGES, TEXTS],
      model.weights,
      textPreamble(model.config),
    ),
} as const satisfies Record<string, (model: ClipModel) => OnnxModel>;
export type ClipOnnxFile = keyof typeof FILES;

/** The bytes of one of the files, in turn. Throws EquiclipError when the weights are too large for it. */
export const clipOnnx = (file: ClipOnnxFile, model: ClipModel): readonly Uint8Array[] =>
  modelParts(FILES[file](model));
