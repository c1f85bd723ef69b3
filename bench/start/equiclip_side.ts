/** @file Our side of a start: `equiclip_side.js MODEL`, one step of both towers and the end. */
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { loadClip } from "../../src/model/folder.ts";
import { createNetwork } from "../../src/train/network.ts";
import { promptObjective } from "../../src/train/objective.ts";
import { promptTexts } from "../../src/train/prompts.ts";
import { createUpdater } from "../../src/train/update/create.ts";

const BATCH = 8;
const task = { target: "gender", classes: ["man", "woman"], positive: null, attributes: [] };
const model = await loadClip(process.argv[2]!);
const network = createNetwork(model.config, model.weights, { kind: "full" }, 2, 1);
const labels = Int32Array.from({ length: BATCH }, (_, row) => row % 2);
const objective = promptObjective(promptTexts(model, { man: "man", woman: "woman" }, task), labels);
const updater = await createUpdater(
  onnxEngine({ threads: 2 }),
  network,
  objective,
  {
    batchSize: BATCH,
    accumulate: 1,
    optimizer: { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.2 },
    clipNorm: 1,
    maxLogitScale: null,
    ema: null,
  },
  null,
);
const pixels = BATCH * 3 * model.config.vision.imageSize ** 2;
const inputs = new Float32Array(pixels).map((_, i) => (i % 7) - 3);
const batch = { rows: [...labels.keys()], inputs, weights: new Float32Array(BATCH).fill(1) };
await updater.update([batch], 1e-5, () => {});
await updater.settle();
process.exit(0);
