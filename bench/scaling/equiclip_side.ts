/** @file What some rows cost: `equiclip_side.js WORK ROWS MODEL`; a JSON file of rows. Seconds and peak memory on stdout. */
import { readFileSync } from "node:fs";
import { NO_AUGMENTATION } from "../../src/data/augment.ts";
import { createPixelStore } from "../../src/data/pixels.ts";
import type { Row } from "../../src/data/row.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { loadClip } from "../../src/model/folder.ts";
import { probabilities } from "../../src/train/classifier.ts";
import { createEncoder } from "../../src/train/encoder.ts";
import { trainLoop } from "../../src/train/loop.ts";
import { createNetwork } from "../../src/train/network.ts";
import { promptObjective } from "../../src/train/objective.ts";
import { predictionsOf, truthOf } from "../../src/train/predict.ts";
import { promptTexts } from "../../src/train/prompts.ts";

const BATCH = 128;
const TASK = {
  target: "style",
  classes: ["angular", "rounded"],
  positive: "rounded",
  attributes: ["tone"],
};
const [work, table, count] = process.argv.slice(2) as [keyof typeof WORK, string, string];
const rows = (JSON.parse(readFileSync(table, "utf8")) as Row[]).slice(0, Number(count));
const model = await loadClip("preset:tiny", { seed: 1 });
const texts = promptTexts(model, {}, TASK);
const engine = onnxEngine({ threads: 2 });
const indices = [...rows.keys()];

/** @param memoryBudget 0 keeps nothing decoded */
const storeOf = (memoryBudget?: number) =>
  createPixelStore({
    rows,
    preprocess: model.imageProcessor,
    augment: NO_AUGMENTATION,
    seed: 0,
    ...(memoryBudget === undefined ? {} : { memoryBudget }),
  });

const WORK = {
  /** Every file checked, then every batch of an epoch from files. */
  load: async () => {
    const store = await storeOf(0);
    for (let from = 0; from < rows.length; from += BATCH)
      await store.batch(indices.slice(from, from + BATCH), 0);
  },
  epoch: async () => {
    const store = await storeOf();
    const network = createNetwork(model.config, model.weights, { kind: "full" }, 2, 1);
    await trainLoop(
      engine,
      network,
      promptObjective(texts, truthOf(TASK, rows)),
      {
        order: () => indices,
        weights: new Float32Array(rows.length).fill(1),
        inputs: (batch, epoch) => store.batch(batch, epoch),
      },
      {
        batchSize: BATCH,
        accumulate: 1,
        epochs: 1,
        optimizer: { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.2 },
        clipNorm: 1,
        maxLogitScale: 100,
        ema: null,
        patience: null,
        saveSteps: 1_000_000,
        schedule: { decay: "constant", warmup: "openclip", lr: 1e-4, warmupSteps: 0 },
      },
      {
        validate: async () => null,
        select: () => 0,
        saveLast: async () => {},
        saveBest: async () => {},
        onStep: async () => {},
        onEpoch: async () => {},
        progress: { start: () => {}, update: () => {}, stop: () => {} },
        signal: new AbortController().signal,
      },
      null,
    );
  },
  evaluate: async () => {
    const store = await storeOf();
    const network = createNetwork(model.config, model.weights, { kind: "full" }, 2, 1);
    const encoder = await createEncoder(engine, network, texts, BATCH);
    const embeddings = await encoder.images(indices, (batch) => store.batch(batch, null));
    const scores = probabilities(await encoder.classifier(), embeddings);
    evaluate(predictionsOf(TASK, rows, scores), {
      positive: TASK.positive,
      attributes: TASK.attributes,
    });
  },
} as const;

const start = performance.now();
await WORK[work]();
const seconds = (performance.now() - start) / 1000;
const mebibytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ seconds, mebibytes })}\n`);
process.exit(0);
