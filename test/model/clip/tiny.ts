/** @file The tiny CLIP of the goldens: its weights and inputs, and how its graphs are built and compared. */
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Engine, Tensor, Tensors } from "../../../src/engine/engine.ts";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import { reference as referenceEngine } from "../../../src/engine/reference.ts";
import {
  constant,
  input,
  l2Normalize,
  param,
  reshape,
  transpose,
} from "../../../src/graph/build.ts";
import type { Node } from "../../../src/graph/node.ts";
import { type ClipConfig, parseClipConfig } from "../../../src/model/clip/config.ts";
import {
  averagePrompts,
  classPrototypes,
  similarityLogits,
} from "../../../src/model/clip/heads.ts";
import { type Layers, type Params, plainLayers } from "../../../src/model/clip/layers.ts";
import { clipParams } from "../../../src/model/clip/params.ts";
import { eosRows, textTower } from "../../../src/model/clip/text.ts";
import { imageTower } from "../../../src/model/clip/vision.ts";
import { readSafetensors } from "../../../src/model/safetensors.ts";
import type { StoredTensor } from "../../../src/model/weights.ts";
import { contrastive, crossEntropy } from "../../../src/train/losses.ts";
import { classTargets, pairTargets } from "../../../src/train/targets.ts";
import { reference } from "../../golden.ts";

/** How close an engine comes to the goldens: absolute differences. */
export interface GoldenTolerances {
  readonly forward: number;
  readonly loss: number;
  readonly gradient: number;
  /** Of ten training steps: their losses, and the weights after them. */
  readonly trainLoss: number;
  readonly trained: number;
}
/** The README's of arithmetic in float64 and in float32. */
export const FLOAT64: GoldenTolerances = {
  forward: 2e-6,
  loss: 1e-10,
  gradient: 2e-6,
  trainLoss: 1e-9,
  trained: 1e-6,
};
export const FLOAT32: GoldenTolerances = {
  forward: 2e-5,
  loss: 5e-6,
  gradient: 1e-5,
  trainLoss: 1e-5,
  trained: 1e-4,
};

export const engines: readonly ({ engine: Engine } & GoldenTolerances)[] = [
  { engine: referenceEngine, ...FLOAT64 },
  { engine: onnxEngine({ threads: 1 }), ...FLOAT32 },
];

export const golden = (name: string): Promise<Map<string, StoredTensor>> =>
  readSafetensors(reference("clip-tiny", name));
export const goldenJson = async (...path: string[]): Promise<unknown> =>
  JSON.parse(await readFile(reference(...path), "utf8"));

/** Parameter nodes by name, one node each. */
export function paramNodes(
  specs: Iterable<readonly [string, { shape: readonly number[] }]>,
): Params {
  const nodes = new Map([...specs].map(([name, { shape }]) => [name, param(name, shape)]));
  return (name) => nodes.get(name)!;
}

export interface Tiny {
  readonly config: ClipConfig;
  readonly weights: Map<string, StoredTensor>;
  /** Pixels [6, 3, 32, 32], ids int [5, 16] and the rows at which texts are pooled. */
  readonly inputs: Tensors;
  readonly texts: readonly Int32Array[];
}

export async function loadTiny(configFile = "config.json"): Promise<Tiny> {
  const config = parseClipConfig(await goldenJson("clip-tiny", configFile), configFile);
  const weights = await golden("model.safetensors");
  const stored = await golden("inputs.safetensors");
  const inputIds = stored.get("input_ids")!;
  const ids = inputIds.data as Int32Array;
  const texts = Array.from({ length: 5 }, (_, i) => ids.subarray(i * 16, (i + 1) * 16));
  return {
    config,
    weights,
    texts,
    inputs: { pixelValues: stored.get("pixel_values")!, ...textFeeds(config, texts) },
  };
}

/** Ids as one tensor, and where they are pooled. */
export const textFeeds = (
  config: ClipConfig,
  texts: readonly Int32Array[],
): Record<string, Tensor> => ({
  inputIds: {
    shape: [texts.length, texts[0]!.length],
    data: Int32Array.from(texts.flatMap((text) => [...text])),
  },
  eosRows: { shape: [texts.length], data: eosRows(config, texts) },
});

export const plain = (config: ClipConfig): Layers =>
  plainLayers(paramNodes(clipParams(config).map((spec) => [spec.name, spec])));

/** Both towers on all inputs, or on the first images and texts of them. */
export function towers(config: ClipConfig, layers: Layers, images: number, texts: number) {
  const { imageSize, numChannels } = config.vision;
  const pixelValues = input("pixelValues", [images, numChannels, imageSize, imageSize]);
  const inputIds = input("inputIds", [texts, 16], "int");
  const rows = input("eosRows", [texts], "int");
  return {
    image: imageTower(config, layers, pixelValues),
    text: textTower(config, layers, inputIds, rows),
  };
}

const fixed = (data: Float32Array, shape: readonly number[]): Node => constant([...data], shape);
/** Classes of the images. */
export const LABELS = [0, 1, 1, 0, 1, 0];

/** The golden losses: images 0-4 with texts 0-4; and all images with texts 0 and 1 as the prompts of two classes. */
export const losses = {
  contrastive: {
    images: 5,
    texts: 5,
    build: (config: ClipConfig, layers: Layers): Node => {
      const { image, text } = towers(config, layers, 5, 5);
      return contrastive(
        image.embeds,
        text.embeds,
        layers.param("logit_scale"),
        fixed(pairTargets(5), [5, 5]),
        constant(1, [5]),
      );
    },
  },
  prompt_ce: {
    images: 6,
    texts: 2,
    build: (config: ClipConfig, layers: Layers): Node => {
      const { image, text } = towers(config, layers, 6, 2);
      const averaging = constant(averagePrompts([["text 0"], ["text 1"]]).averaging, [2, 2]);
      const logits = similarityLogits(
        l2Normalize(image.embeds),
        classPrototypes(text.embeds, averaging),
        layers.param("logit_scale"),
      );
      return crossEntropy(logits, fixed(classTargets(LABELS, 2), [6, 2]), constant(1, [6]));
    },
  },
} as const;

/** The inputs of a golden loss: the first images and texts. */
export function lossInputs(
  tiny: Tiny,
  { images, texts }: { images: number; texts: number },
): Tensors {
  const pixels = tiny.inputs["pixelValues"]!.data as Float32Array;
  return {
    pixelValues: {
      shape: [images, 3, 32, 32],
      data: pixels.subarray(0, images * 3 * 32 * 32),
    },
    ...textFeeds(tiny.config, tiny.texts.slice(0, texts)),
  };
}

export async function run(
  engine: Engine,
  outputs: Readonly<Record<string, Node>>,
  ...feeds: (Tensors | ReadonlyMap<string, Tensor>)[]
): Promise<Record<string, Tensor>> {
  const program = await engine.compile(outputs);
  const all = feeds.map((f): Tensors =>
    f instanceof Map ? Object.fromEntries(f) : (f as Tensors),
  );
  const results = await program.run(Object.assign({}, ...all) as Tensors);
  await program.dispose();
  return results;
}

/** Sequence-first rows [T * B, D] as [B, T, D]. */
export const batchFirst = (x: Node, batch: number): Node => {
  const [rows, width] = x.shape as [number, number];
  return transpose(reshape(x, [rows / batch, batch, width]), [1, 0, 2]);
};

/** Expects equal shapes and values within `atol`. */
export function expectClose(
  actual: Tensor | undefined,
  expected: StoredTensor | undefined,
  atol: number,
  what: string,
): void {
  expect(actual?.shape, what).toEqual(expected?.shape);
  let worst = 0;
  expected!.data.forEach(
    (value, i) => (worst = Math.max(worst, Math.abs(value - actual!.data[i]!))),
  ); // NaN stays NaN and fails
  expect(worst, what).toBeLessThanOrEqual(atol);
}
