/** @file Our side of a training: `equiclip_side.js SPEC [STEPS]`, a `TrainingSpec` as JSON; with STEPS it does so many and ends. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { constant, input, l2Normalize, matmul, mul } from "../../src/graph/build.ts";
import { type ClipConfig, parseClipConfig } from "../../src/model/clip/config.ts";
import { type Cut, cutOf, imageBelow } from "../../src/model/clip/cut.ts";
import { openSafetensors, writeSafetensors } from "../../src/model/safetensors.ts";
import type { Weights } from "../../src/model/weights.ts";
import { random } from "../../src/run/random.ts";
import { createEncoder } from "../../src/train/encoder.ts";
import { meanCrossEntropy } from "../../src/train/fairness/term.ts";
import { type Network, createNetwork, fromCut, trainedWeights } from "../../src/train/network.ts";
import { type Objective, classifierObjective, promptObjective } from "../../src/train/objective.ts";
import { createStep } from "../../src/train/step.ts";
import { classTexts } from "../../src/train/texts.ts";
import { createUpdater } from "../../src/train/update/create.ts";
import type { UpdateSettings } from "../../src/train/update/updater.ts";
import type { Clock } from "../lib/comparison.ts";
import { readNumbers } from "../lib/numbers.ts";
import { secondsUntil } from "../lib/rounds.ts";
import { serve } from "../lib/serve.ts";
import {
  CLASSES,
  LEARNING_RATE,
  THREADS,
  type TrainingSpec,
  classVector,
  labelOf,
} from "./spec.ts";

const SCALE = 10;
const PARTS: Readonly<Record<TrainingSpec["towers"], RegExp>> = {
  image: /^(vision_model|visual_projection)\./,
  text: /^(text_model|text_projection)\.|^logit_scale$/,
  both: /^/,
};

const spec = JSON.parse(process.argv[2]!) as TrainingSpec;
const { folder, towers, trainable, batch, prompts } = spec;
const engine = onnxEngine({ threads: THREADS });
const config = parseClipConfig(
  JSON.parse(readFileSync(join(folder, "config.json"), "utf8")),
  folder,
);
const pixels = readNumbers(spec.rows);
const labels = Int32Array.from({ length: batch }, (_, row) => labelOf(row));
const rows = [...labels.keys()];
const settings: UpdateSettings = {
  batchSize: batch,
  accumulate: 1,
  optimizer: {
    name: "adamw",
    beta1: 0.9,
    beta2: 0.98,
    eps: 1e-6,
    weightDecay: 0.2,
    decay: "all",
  },
  clipNorm: 1,
  maxLogitScale: null,
  ema: null,
};

/** Where the frozen part ends, when what it makes is fed in place of pixels. */
const cut = spec.cached ? cutOf(config, trainable, "image") : null;
const network = await createTraining();
const inputs = cut === null ? pixels : await below(cut);
const batches = [{ rows, inputs, weights: new Float32Array(batch).fill(1) }];

/** Made when it is first asked for: a process has one session at work. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
const updater = lazily(() => createUpdater(engine, network, objectiveOf(config), settings, null));
const update = async () =>
  (await updater()).update(batches, LEARNING_RATE, ({ loss }) => {
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
  });

/** The towers' weights, and whatever is trained of them. */
async function createTraining(): Promise<Network> {
  const file = join(folder, "model.safetensors");
  const { tensors } = await openSafetensors(file, (entries) =>
    entries.filter(({ name }) => PARTS[towers].test(name)),
  );
  const whole = createNetwork(config, tensors as Weights, trainable, CLASSES, 1);
  const { normal } = random("bench", "adapters");
  for (const [name, { data }] of whole.weights)
    // at zero, the other half of an adapter would have no gradient
    if (name.endsWith("lora_B.weight")) data.set(Float32Array.from(data, () => 0.01 * normal()));
  const names = [...whole.trained.names].filter((name) => whole.weights.has(name));
  const made = { ...whole, trained: { ...whole.trained, names: new Set(names) } };
  if (spec.adapters) await writeSafetensors(spec.adapters, trainedWeights(made));
  return towers === "text"
    ? { ...made, rowShape: [config.projectionDim], features: (rows) => rows }
    : fromCut(made, cut);
}

/** What the frozen part makes of the pixels. */
async function below(cut: Cut): Promise<Float32Array> {
  const { numChannels, imageSize } = config.vision;
  const shape = [batch, numChannels, imageSize, imageSize];
  const kept = imageBelow(config, network.layers, cut, input("pixels", shape));
  const program = await engine.compile({ kept });
  const feeds = { ...Object.fromEntries(network.weights), pixels: { shape, data: pixels } };
  const { data } = (await program.run(feeds))["kept"]!;
  await program.dispose();
  return Float32Array.from(data);
}

function objectiveOf(config: ClipConfig): Objective {
  if (towers !== "image") {
    const names = prompts.map((_, i) => `${i}`);
    const tokenize = (texts: readonly string[]) => texts.map((name) => prompts[Number(name)]!);
    const texts = classTexts(
      config,
      tokenize,
      names.map((name) => [name]),
    );
    return promptObjective(texts, labels);
  }
  const width = config.projectionDim;
  const vectors = Array.from({ length: CLASSES * width }, (_, i) => classVector(i));
  const unit = l2Normalize(constant(vectors, [CLASSES, width]));
  return classifierObjective(CLASSES, labels, [meanCrossEntropy], (_, images) =>
    mul(matmul(l2Normalize(images), unit, { b: true }), SCALE),
  );
}

/** Loss and gradients of the weights as they are. */
async function gradients({ file }: { file: string }): Promise<number> {
  const step = await createStep(engine, network, objectiveOf(config), batch);
  const loss = await step.run(batches[0]!);
  const shapes = trainedWeights(network);
  await writeSafetensors(
    file,
    new Map(
      [...step.gradients].map(([name, data]) => [name, { shape: shapes.get(name)!.shape, data }]),
    ),
  );
  await step.dispose();
  return loss;
}

/** Unit embeddings of the batch, as every evaluation makes them. */
const encoder = lazily(() => createEncoder(engine, network, null, batch));
const embed = async () => (await encoder()).images(rows, async () => inputs);

const steps = Number(process.argv[3] ?? 0);
if (steps > 0) {
  for (let step = 0; step < steps; step++) await update();
  process.exit(0);
}
await serve({
  ready: () => null,
  gradients,
  step: ({ clock, fill }: { clock: Clock; fill: number }) => secondsUntil(update, clock, fill),
  forward: ({ clock, fill }: { clock: Clock; fill: number }) => secondsUntil(embed, clock, fill),
  embeddings: async () => [...(await embed())],
});
