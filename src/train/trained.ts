/** @file A trained classifier, ready to embed images and to answer. */
import type { PixelStore } from "../data/pixels.ts";
import type { Row } from "../data/row.ts";
import type { Engine } from "../engine/engine.ts";
import { WHOLE, cutOf } from "../model/clip/cut.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Weights } from "../model/weights.ts";
import type { Cache } from "../run/cache/cache.ts";
import type { Config } from "../run/config/schema.ts";
import type { Progress } from "../run/progress.ts";
import type { Classifier } from "./classifier.ts";
import { type Encoder, type RowSource, createEncoder } from "./encoder.ts";
import { createPrefix } from "./features/prefix.ts";
import { type FeatureRows, type RowInputs, openFeatures, pixelInputs } from "./features/rows.ts";
import { createTowers, fromCut } from "./network.ts";
import type { Task } from "./predict.ts";
import { promptTexts } from "./prompts.ts";

export interface Trained {
  readonly encoder: Encoder;
  readonly classifier: Classifier;
  /** What the encoder is fed of the rows of a store; closed after use. */
  readonly inputsOf: (store: PixelStore) => Promise<RowInputs & Pick<FeatureRows, "close">>;
  readonly dispose: () => Promise<void>;
}

/**
 * Compiles a selected checkpoint.
 * @param probe its linear classifier's parameters, where it has one.
 * @param cache of what its image tower, or the part of it that did not train, makes of images; null: nothing is kept.
 */
export async function openTrained(
  engine: Engine,
  config: Config,
  task: Task,
  model: ClipModel,
  probe: Weights | null,
  cache: Cache | null,
): Promise<Trained> {
  const towers = createTowers(model.config, new Map([...model.weights, ...(probe ?? [])]));
  const texts = probe ? null : promptTexts(model, config.prompts, task);
  // nothing trains any more: where training left nothing frozen, all of it is now
  const cut = cache && (cutOf(model.config, config.model.trainable, "image") ?? WHOLE);
  const prefix = cut && createPrefix(engine, towers, cut, model.imageProcessor);
  const fed = fromCut(towers, cut);
  const encoder = await createEncoder(engine, fed, texts, config.evaluate.batchSize);
  return {
    encoder,
    classifier: await encoder.classifier(),
    inputsOf: async (store) =>
      prefix
        ? openFeatures(prefix, store, cache, false)
        : { ...pixelInputs(store), close: async () => {} },
    dispose: async () => {
      await encoder.dispose();
      await prefix?.release();
    },
  };
}

/** Rows of a split with their unit embeddings [rows, D], and the pixels that they are made of. */
export interface Embedded {
  readonly rows: readonly Row[];
  readonly embeddings: Float32Array;
  readonly pixels: RowSource;
}

/** Unit embeddings of all readable rows of a store, not augmented. */
export async function embed(
  { encoder, inputsOf }: Trained,
  store: PixelStore,
  label: string,
  progress: Progress,
): Promise<Embedded> {
  progress.start(`embedding ${label}`, store.rows.length);
  const rows = [...store.rows.keys()];
  const inputs = await inputsOf(store);
  try {
    const source: RowSource = (batch) => inputs.batch(batch, null);
    const embeddings = await encoder.images(rows, source, (done) => progress.update(done));
    const pixels: RowSource = (batch) => store.batch(batch, null);
    return { rows: store.rows, embeddings, pixels };
  } finally {
    progress.stop();
    await inputs.close();
  }
}
