/** @file Embeddings by a convolutional network: what one of its layers gives. */
import { createHash } from "node:crypto";
import type { Engine } from "../engine/engine.ts";
import { layerEmbeds } from "../model/cnn/graph.ts";
import type { CnnModel } from "../model/cnn/model.ts";
import { type ImageEncoder, pixelBatch } from "./encoder.ts";

/**
 * The network up to a layer, with running statistics and without dropout.
 * @param layer name of any of its layers; one of images is read as one vector, channels first.
 * @param batchSize images at a time; at least 2, see `ImageEncoder`.
 * @throws {UsageError} for a layer that does not exist
 */
export async function networkImages(
  engine: Engine,
  model: CnnModel,
  layer: string,
  batchSize: number,
): Promise<ImageEncoder> {
  const { config, weights } = model;
  const { size, channels } = config.input;
  const shape = [batchSize, channels, size, size];
  const embeds = layerEmbeds(config, weights, layer, batchSize);
  const d = embeds.shape[1]!;
  const store = await engine.store(Object.fromEntries(weights));
  const program = await engine.compile({ embeds }, store);
  // (compat) one flaw of the study: predicted on other pixels than it was trained on
  const preprocess = config.compat.includes("raw-pixels-at-prediction")
    ? { ...model.imageProcessor, rescaleFactor: 1 }
    : model.imageProcessor;
  const hash = createHash("sha256");
  for (const [name, { data }] of weights)
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return {
    about: {
      weights_sha256: hash.digest("hex"),
      layer,
      preprocessing: JSON.stringify(preprocess),
    },
    preprocess,
    async embed(images) {
      const data = pixelBatch(images, preprocess, batchSize);
      const result = await program.run({ pixels: { shape, data } });
      return { x: Float32Array.from(result["embeds"]!.data.subarray(0, images.length * d)), d };
    },
    async dispose() {
      await program.dispose();
      await store.dispose();
    },
  };
}
