/** @file A sweep over planted embeddings: a target that leans on the concept through its texts. */
import { type SweepInputs, runSweep } from "../../src/train/sweep/sweep.ts";
import { ConfigSchema } from "../../src/run/config/schema.ts";
import type { SweepPart } from "../../src/train/sweep/judge.ts";
import { plantedClassTexts, plantedImages, plantedTexts } from "../debias/planted.ts";
import { row } from "../data/rows.ts";

/** Rows of planted images: style is the target, tone the concept. */
export function plantedPart(pairs: number, seed: number): SweepPart {
  const { x, n, labels, target } = plantedImages(pairs, seed);
  const rows = Array.from({ length: n }, (_, i) =>
    row(`${seed}-${i}`, {
      style: target[i] ? "rounded" : "angular",
      tone: labels[i] ? "jade" : "amber",
    }),
  );
  return { rows, embeddings: Float32Array.from(x) };
}

const sweepInputs = (more: Partial<SweepInputs> = {}): SweepInputs => ({
  name: "planted",
  task: {
    target: "style",
    classes: ["angular", "rounded"],
    positive: "rounded",
    attributes: ["tone"],
  },
  attribute: "tone",
  fit: plantedPart(100, 0),
  validation: plantedPart(200, 1),
  test: plantedPart(200, 2),
  texts: plantedTexts(20, 0),
  notes: [],
  classTexts: Float32Array.from(plantedClassTexts().x),
  settings: ConfigSchema.shape.sweep.parse({ alpha: [0, 0.4, 1, 2], k: [1, 3, 10] }),
  seed: 0,
  evaluate: { positive: "rounded", attributes: ["tone"], uncertainty: { replicates: 500 } },
  ...more,
});

export const plantedSweep = (more: Partial<SweepInputs> = {}) => runSweep(sweepInputs(more)).result;
