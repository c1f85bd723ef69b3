/** @file Our side of a convolutional network's training: `equiclip_side.js SPEC`, a `CnnSpec` as JSON. */
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { classes } from "../../src/model/cnn/architectures.ts";
import type { CnnConfig } from "../../src/model/cnn/config.ts";
import { cnnModel } from "../../src/model/cnn/model.ts";
import { writeSafetensors } from "../../src/model/safetensors.ts";
import { createCnnNetwork } from "../../src/train/cnn/network.ts";
import { cnnObjective } from "../../src/train/cnn/objective.ts";
import { meanCrossEntropy } from "../../src/train/fairness/term.ts";
import { trainedWeights } from "../../src/train/network.ts";
import { createStep } from "../../src/train/step.ts";
import { createUpdater } from "../../src/train/update/create.ts";
import type { UpdateSettings } from "../../src/train/update/updater.ts";
import type { Clock } from "../lib/comparison.ts";
import { readNumbers } from "../lib/numbers.ts";
import { secondsUntil } from "../lib/rounds.ts";
import { serve } from "../lib/serve.ts";
import { type CnnSpec, FORMS, type Form, HEAD, LEARNING_RATE, THREADS, labelOf } from "./spec.ts";

const { architecture, size, batch, rows: file } = JSON.parse(process.argv[2]!) as CnnSpec;
const engine = onnxEngine({ threads: THREADS });
const model = cnnModel({ architecture, size, heads: { [HEAD]: classes(2) }, seed: 1 });
const labels = Int32Array.from({ length: batch }, (_, row) => labelOf(row));
const rows = [...labels.keys()];
const network = createCnnNetwork(model.config, model.weights, { params: [], state: [] }, 1);
const objectiveOf = (config = model.config) =>
  cnnObjective(
    config,
    { name: HEAD, weight: 1, classes: 2, labels, terms: [meanCrossEntropy] },
    [],
    1,
  );
const objective = objectiveOf();
const inputs = readNumbers(file);
const place = (step: number) => ({ epoch: 0, batch: step });
const batchOf = (step: number, of = objective) => ({
  rows,
  inputs,
  weights: new Float32Array(batch).fill(1),
  drawn: of.draw?.(batch, place(step)),
});
const settings: UpdateSettings = {
  batchSize: batch,
  accumulate: 1,
  optimizer: {
    name: "adamw",
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    weightDecay: 0.01,
    decay: "all",
  },
  clipNorm: null,
  maxLogitScale: null,
  ema: null,
};

const layersOf = ({ trunk, heads }: CnnConfig) => [...trunk, ...heads[HEAD]!.layers];

interface Asked {
  readonly form: Form;
  /** Files to write. */
  readonly weights: string;
  readonly gradients: string;
}
/** Layers, loss and gradients of a form with the weights as they are; the weights go to another file. */
async function gradients({ form, ...to }: Asked) {
  await writeSafetensors(to.weights, model.weights);
  const config = FORMS[form](model.config);
  const still = objectiveOf(config);
  const step = await createStep(engine, network, still, batch);
  const loss = await step.run(batchOf(0, still));
  const shapes = trainedWeights(network);
  await writeSafetensors(
    to.gradients,
    new Map(
      [...step.gradients].map(([name, data]) => [name, { shape: shapes.get(name)!.shape, data }]),
    ),
  );
  await step.dispose();
  return { layers: layersOf(config), loss };
}

let steps = 0;
let updater: ReturnType<typeof createUpdater> | null = null;
async function update(): Promise<void> {
  updater ??= createUpdater(engine, network, objective, settings, null);
  await (
    await updater
  ).update([batchOf(steps++)], LEARNING_RATE, ({ loss }) => {
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
  });
}

await serve({
  layers: () => layersOf(model.config),
  gradients,
  step: ({ clock, fill }: { clock: Clock; fill: number }) => secondsUntil(update, clock, fill),
});
