/** @file Embeddings by a CLIP's own towers. */
import { createHash } from "node:crypto";
import type { Engine } from "../engine/engine.ts";
import type { ClipModel } from "../model/clip-model.ts";
import { fedLayers, imageEmbeds, textEmbeds } from "../model/clip/graphs.ts";
import { eosRows } from "../model/clip/text.ts";
import { type ImageEncoder, pixelBatch, type RawEmbeddings } from "./encoder.ts";

/** SHA-256 of names and numbers. */
function weightsHash({ weights }: ClipModel): string {
  const hash = createHash("sha256");
  for (const [name, { data }] of weights)
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

/** The image tower. @param batchSize images at a time; at least 2, see `ImageEncoder` */
export async function clipImages(
  engine: Engine,
  model: ClipModel,
  batchSize: number,
): Promise<ImageEncoder> {
  const { config, imageProcessor } = model;
  const { imageSize, numChannels } = config.vision;
  const shape = [batchSize, numChannels, imageSize, imageSize];
  const embeds = imageEmbeds(config, fedLayers(model.weights), batchSize);
  const store = await engine.store(Object.fromEntries(model.weights));
  const program = await engine.compile({ embeds }, store);
  const d = config.projectionDim;
  return {
    about: {
      weights_sha256: weightsHash(model),
      preprocessing: JSON.stringify(imageProcessor),
    },
    preprocess: imageProcessor,
    async embed(images) {
      const data = pixelBatch(images, imageProcessor, batchSize);
      const result = await program.run({ pixel_values: { shape, data } });
      return { x: Float32Array.from(result["embeds"]!.data.subarray(0, images.length * d)), d };
    },
    async dispose() {
      await program.dispose();
      await store.dispose();
    },
  };
}

/** Embeddings of texts by the text tower, as the model gives them: not scaled to unit length. [texts, P] */
export async function clipTexts(
  engine: Engine,
  model: ClipModel,
  texts: readonly string[],
): Promise<RawEmbeddings> {
  const { config, tokenizer } = model;
  const { shape, data } = tokenizer.encodeBatch(texts, config.text.maxPositionEmbeddings);
  const rows = Array.from(texts, (_, i) => data.subarray(i * shape[1], (i + 1) * shape[1]));
  const embeds = textEmbeds(config, fedLayers(model.weights), shape);
  const program = await engine.compile({ embeds });
  try {
    const result = await program.run({
      ...Object.fromEntries(model.weights),
      ids: { shape, data },
      eos_rows: { shape: [texts.length], data: eosRows(config, rows) },
    });
    return { x: Float32Array.from(result["embeds"]!.data), d: config.projectionDim };
  } finally {
    await program.dispose();
  }
}
