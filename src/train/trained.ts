/** @file A trained classifier, ready to embed images and to answer. */
import type { PixelStore } from "../data/pixels.ts";
import type { Row } from "../data/row.ts";
import type { Engine } from "../engine/engine.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Weights } from "../model/weights.ts";
import type { Config } from "../run/config/schema.ts";
import type { Progress } from "../run/progress.ts";
import type { Classifier } from "./classifier.ts";
import { type Encoder, type PixelSource, createEncoder } from "./encoder.ts";
import { createTowers } from "./network.ts";
import type { Task } from "./predict.ts";
import { promptTexts } from "./prompts.ts";

export interface Trained {
  readonly encoder: Encoder;
  readonly classifier: Classifier;
  readonly dispose: () => Promise<void>;
}

/** Compiles a selected checkpoint. @param probe its linear classifier's parameters, where it has one. */
export async function openTrained(
  engine: Engine,
  config: Config,
  task: Task,
  model: ClipModel,
  probe: Weights | null,
): Promise<Trained> {
  const towers = createTowers(model.config, new Map([...model.weights, ...(probe ?? [])]));
  const texts = probe ? null : promptTexts(model, config.prompts, task);
  const encoder = await createEncoder(engine, towers, texts, config.evaluate.batchSize);
  return { encoder, classifier: await encoder.classifier(), dispose: () => encoder.dispose() };
}

/** Rows of a split with their unit embeddings [rows, D], and the pixels that they are made of. */
export interface Embedded {
  readonly rows: readonly Row[];
  readonly embeddings: Float32Array;
  readonly pixels: PixelSource;
}

/** Unit embeddings of all readable rows of a store, not augmented. */
export async function embed(
  { encoder }: Trained,
  store: PixelStore,
  label: string,
  progress: Progress,
): Promise<Embedded> {
  progress.start(`embedding ${label}`, store.rows.length);
  const rows = [...store.rows.keys()];
  const pixels = (batch: readonly number[]) => store.batch(batch, null);
  const embeddings = await encoder.images(rows, pixels, (done) => progress.update(done));
  progress.stop();
  return { rows: store.rows, embeddings, pixels };
}
