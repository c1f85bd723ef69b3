/** @file A small run on drawn faces, for tests of training. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type PixelStore, createPixelStore } from "../../src/data/pixels.ts";
import { type Row, type Split } from "../../src/data/row.ts";
import { makeSyntheticFaces } from "../../src/data/synthetic.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { type ClipModel, loadClip } from "../../src/model/folder.ts";
import { type Model, loadModel } from "../../src/model/model.ts";
import type { Weights } from "../../src/model/weights.ts";
import type { Cache } from "../../src/run/cache/cache.ts";
import { parseConfig } from "../../src/run/config/load.ts";
import type { Config } from "../../src/run/config/schema.ts";
import { type RunFolder, runFolder } from "../../src/run/folder.ts";
import { silent } from "../../src/run/progress.ts";
import { criteriaOf, evaluateOptions } from "../../src/cli/experiment.ts";
import { openTrained } from "../../src/train/families.ts";
import { embed } from "../../src/train/trained.ts";
import { loadBest } from "../../src/train/checkpoint.ts";
import { probabilities } from "../../src/train/classifier.ts";
import { outputLabels } from "../../src/train/cnn/outputs.ts";
import { judgedBy } from "../../src/train/epoch-choice.ts";
import { fit } from "../../src/train/fit.ts";
import { type Validation, judge } from "../../src/train/judge.ts";
import type { LoopState, StepRecord } from "../../src/train/loop-state.ts";
import { type Task, predictionsOf } from "../../src/train/predict.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-train-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

export const engine = onnxEngine({ threads: 1 });
export const task: Task = {
  target: "style",
  classes: ["angular", "rounded"],
  positive: "rounded",
  attributes: ["tone"],
};
export const prompts = ["an angular face", "a rounded face"] as const;

/** By default 96 faces to train on and 48 to validate with. */
export async function drawFaces(count = 144): Promise<Record<Split, Row[]>> {
  const { rows } = await makeSyntheticFaces(join(root, `faces${count}`), {
    count,
    size: 48,
    seed: 1,
    bias: 0.5,
    validation: 1 / 3,
    test: 0,
  });
  const of = (split: Split): Row[] => rows.filter((row) => row.split === split);
  return { train: of("train"), validation: of("validation"), test: of("test") };
}

/** A config of this task; `settings` are `key.path=value`. */
export const configOf = (...settings: readonly string[]): Config =>
  parseConfig(
    "test.yaml",
    `
name: test
seed: 3
data: { source: synthetic, target: style, positive: rounded, sensitive: [tone] }
model: { from: preset:tiny }
prompts: { angular: ${prompts[0]}, rounded: ${prompts[1]} }
train: { epochs: 3, batchSize: 16, lr: 1.0e-3 }
evaluate: { bootstrap: 20, batchSize: 20 }
`,
    settings,
  );

export const tinyModel = (): Promise<ClipModel> => loadClip("preset:tiny", { seed: 3 });

export const storeOf = (
  rows: readonly Row[],
  { imageProcessor }: Pick<ClipModel, "imageProcessor">,
  { augment, seed }: Pick<Config, "augment" | "seed">,
): Promise<PixelStore> => createPixelStore({ rows, preprocess: imageProcessor, augment, seed });

export interface Fitted {
  readonly folder: RunFolder;
  readonly state: LoopState<Validation>;
  readonly steps: readonly StepRecord[];
  /** The weights in `last/` and `best/`. */
  readonly last: Weights;
  readonly best: Weights;
  readonly probe: Weights | null;
}

let runs = 0;
/** A folder for a run that nothing has been saved in. */
export const newFolder = (): RunFolder => runFolder(join(root, `run${runs++}`));

interface Place {
  /** By default the tiny preset. */
  readonly model?: Model;
  readonly engine?: Engine;
  readonly folder?: RunFolder;
  readonly signal?: AbortSignal;
  readonly cache?: Cache | null;
}

/** Trains a model, or goes on in a folder, and reads back what was saved. */
export async function fitFaces(
  config: Config,
  rows: Readonly<Record<"train" | "validation", readonly Row[]>>,
  {
    engine: by = engine,
    folder = newFolder(),
    signal = new AbortController().signal,
    cache = null,
    model: given,
  }: Place = {},
): Promise<Fitted> {
  const model = given ?? (await tinyModel());
  const steps: StepRecord[] = [];
  const state = await fit(
    {
      engine: by,
      config,
      model,
      task,
      criteria: criteriaOf(config, task),
      evaluate: evaluateOptions(config, task),
      train: await storeOf(rows.train, model, config),
      validation: await storeOf(rows.validation, model, config),
      labels: outputLabels(config, Object.values(rows).flat()),
      folder,
      cache,
    },
    {
      onStart: async () => {},
      onStep: async (record) => void steps.push(record),
      onEpoch: async () => {},
      progress: silent,
      signal,
    },
  );
  const best = await loadBest(folder.best);
  const last = (await loadModel(folder.last)).weights;
  return { folder, state, steps, last, best: best.model.weights, probe: best.probe };
}

/** What validation says of the saved `best/`, with unchanged images. */
export async function validateBest(
  { folder }: Fitted,
  config: Config,
  rows: readonly Row[],
  cache: Cache | null = null,
): Promise<Validation & { embeddings: Float32Array; scores: Float32Array }> {
  const { model, probe } = await loadBest(folder.best);
  const plain = await storeOf(rows, model, configOf());
  const trained = await openTrained(engine, config, task, model, probe, cache);
  const { embeddings } = await embed(trained, plain, "validation", silent);
  await trained.dispose();
  const scores = probabilities(trained.classifier, embeddings);
  const options = evaluateOptions(config, task);
  const judged = judge(
    predictionsOf(task, rows, scores),
    judgedBy(criteriaOf(config, task)),
    options,
  );
  return { ...judged, embeddings, scores };
}

/** Names of the tensors that differ. */
export const changed = (before: Weights, after: Weights): string[] =>
  [...after.keys()]
    .filter((name) => {
      const old = before.get(name)?.data;
      return !old || after.get(name)!.data.some((value, i) => value !== old[i]);
    })
    .toSorted();
