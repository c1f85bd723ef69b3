/** @file Embeddings by a CLIP's own towers. */
import { createHash } from "node:crypto";
import type { Raster } from "../data/raster.ts";
import type { Engine } from "../engine/engine.ts";
import type { ClipModel } from "../model/clip-model.ts";
import { aboutFeatures, paramsOf } from "../model/clip/below.ts";
import { type VisionConfig, pooledSize } from "../model/clip/config.ts";
import { WHOLE } from "../model/clip/cut.ts";
import { fedLayers, imageClassTokens, imageEmbeds, textEmbeds } from "../model/clip/graphs.ts";
import { eosRows } from "../model/clip/text.ts";
import type { Cache } from "../run/cache/cache.ts";
import { UsageError } from "../run/errors.ts";
import { type ImageEncoder, pixelBatch, type RawEmbeddings } from "./encoder.ts";

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** SHA-256 of names and numbers. */
function weightsHash({ weights }: ClipModel): string {
  const hash = createHash("sha256");
  for (const [name, { data }] of weights) hash.update(name).update(bytesOf(data));
  return hash.digest("hex");
}

function checkLayer(vision: VisionConfig, layer: number): void {
  if (vision.kind === "conv")
    throw new UsageError(
      `layer ${layer}: the image tower is convolutional and has no blocks; leave the layer out, for its embeddings`,
    );
  const { numHiddenLayers } = vision;
  if (layer < 1 || layer > numHiddenLayers)
    throw new UsageError(
      `layer ${layer}: expected a block of the image tower, 1 to ${numHiddenLayers}; before the first, all images have one class token`,
    );
}

/**
 * The image tower.
 * @param batchSize images at a time; at least 2, see `ImageEncoder`.
 * @param cache of embeddings; null keeps none.
 * @param layer class token after so many blocks, as it is in transformers' `hidden_states`; null for the embedding.
 * @throws {UsageError} when the tower has fewer blocks, or none
 */
export async function clipImages(
  engine: Engine,
  model: ClipModel,
  batchSize: number,
  cache: Cache | null = null,
  layer: number | null = null,
): Promise<ImageEncoder> {
  const { config, imageProcessor } = model;
  const { imageSize, numChannels } = config.vision;
  if (layer !== null) checkLayer(config.vision, layer);
  const shape = [batchSize, numChannels, imageSize, imageSize];
  const layers = fedLayers(model.weights);
  const embeds =
    layer === null
      ? imageEmbeds(config, layers, batchSize)
      : imageClassTokens(config, layers, batchSize, layer);
  const store = await engine.store(Object.fromEntries(model.weights));
  const program = await engine.compile({ embeds }, store);
  const d = layer === null ? config.projectionDim : pooledSize(config, "image");
  const about = () =>
    aboutFeatures(
      config,
      layer === null ? WHOLE : { at: "class token after block", block: layer },
      paramsOf(embeds, model.weights),
      imageProcessor,
      engine,
      batchSize,
    );
  const table = cache && (await cache.table(about(), d * Float32Array.BYTES_PER_ELEMENT));
  const compute = async (images: readonly Raster[]): Promise<Float32Array> => {
    const data = pixelBatch(images, imageProcessor, batchSize);
    const result = await program.run({ pixel_values: { shape, data } });
    return Float32Array.from(result["embeds"]!.data.subarray(0, images.length * d));
  };
  return {
    about: {
      weights_sha256: weightsHash(model),
      ...(layer !== null && { layer: String(layer) }),
      preprocessing: JSON.stringify(imageProcessor),
    },
    preprocess: imageProcessor,
    async embed(images) {
      if (!table) return { x: await compute(images), d };
      const x = new Float32Array(images.length * d);
      const row = (i: number): Float32Array => x.subarray(i * d, (i + 1) * d);
      const keys = images.map(({ data }) => createHash("sha256").update(data).digest("hex"));
      const found = await Promise.all(keys.map((key, i) => table.read(key, bytesOf(row(i)))));
      const missing = [...keys.keys()].filter((i) => !found[i]);
      if (missing.length === 0) return { x, d };
      const made = await compute(missing.map((i) => images[i]!));
      for (const [from, i] of missing.entries()) {
        row(i).set(made.subarray(from * d, (from + 1) * d));
        await table.write(keys[i]!, bytesOf(row(i)));
      }
      return { x, d };
    },
    async dispose() {
      await table?.close();
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
