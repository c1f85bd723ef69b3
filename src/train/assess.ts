/** @file The selected model on rows it was not selected on: as trained, and after each eraser. */
import type { PixelStore } from "../data/pixels.ts";
import type { Eraser } from "../debias/eraser.ts";
import type { Engine } from "../engine/engine.ts";
import { compare } from "../eval/compare.ts";
import { type EvaluateOptions, evaluate } from "../eval/evaluate.ts";
import type { Predictions } from "../eval/predictions.ts";
import type { Comparison } from "../eval/report/comparison.ts";
import type { Report } from "../eval/report.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Weights } from "../model/weights.ts";
import type { Config } from "../run/config/schema.ts";
import type { Progress } from "../run/progress.ts";
import { type Classifier, probabilities } from "./classifier.ts";
import { type Embedded, erased } from "./debias.ts";
import { type Encoder, createEncoder } from "./encoder.ts";
import { createTowers } from "./network.ts";
import { type Task, predictionsOf } from "./predict.ts";
import { promptTexts } from "./prompts.ts";

/** A trained classifier, ready to embed images. */
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
  return { rows: store.rows, embeddings };
}

/** What was measured, and the predictions it was measured on: `before`, and by method. */
export interface Assessment {
  readonly result: Report | Comparison;
  readonly before: Predictions;
  readonly after: Readonly<Record<string, Predictions>>;
}

/** Measures the classifier on rows, as it is and after each eraser; the comparisons are paired. */
export function assess(
  { classifier }: Trained,
  task: Task,
  split: Embedded,
  erasers: ReadonlyMap<string, Eraser>,
  options: EvaluateOptions,
): Assessment {
  const predict = (embeddings: Float32Array): Predictions =>
    predictionsOf(task, split.rows, probabilities(classifier, embeddings));
  const before = predict(split.embeddings);
  const after = Object.fromEntries(
    [...erasers].map(([method, eraser]) => [
      method,
      predict(erased(eraser, split, classifier.width)),
    ]),
  );
  const result = erasers.size > 0 ? compare(before, after, options) : evaluate(before, options);
  return { result, before, after };
}
