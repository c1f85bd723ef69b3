/** @file Images and texts with a planted concept: what is in them is known. */
import type { Embeddings } from "../../src/debias/embeddings.ts";
import { matchedDifferences } from "../../src/debias/prompts/differences.ts";
import type { SubspaceRows } from "../../src/debias/sweep/subspace.ts";
import { unitRows } from "../../src/run/linalg/embeddings.ts";
import { random } from "../../src/run/random.ts";

/** Numbers of an embedding, and the axes of what was planted. */
export const D = 24;
export const [CONCEPT, MODALITY] = [0, 2];
const TARGET = 1;

/** Rows of one kind: content shared by the two rows of a pair, which differ in the concept (and noise) alone. */
function rowsOf(
  kind: "image" | "text",
  pairs: number,
  seed: number,
): SubspaceRows & { target: Int32Array } {
  const draw = random("planted", kind, seed);
  const n = 2 * pairs;
  const x = new Float64Array(n * D);
  const [labels, target] = [new Int32Array(n), new Int32Array(n)];
  for (let p = 0; p < pairs; p++) {
    const content = Array.from({ length: D }, (_, j) => (j > MODALITY ? 0.5 * draw.normal() : 0));
    const task = kind === "image" ? draw.int(2) : 0;
    for (const concept of [0, 1]) {
      const row = 2 * p + concept;
      labels[row] = concept;
      target[row] = task;
      for (let j = 0; j < D; j++) x[row * D + j] = content[j]! + 0.05 * draw.normal();
      x[row * D + CONCEPT]! += concept ? 0.4 : -0.4;
      x[row * D + MODALITY]! += kind === "image" ? 2 : -2;
      if (kind === "image") x[row * D + TARGET]! += (task ? 0.5 : -0.5) + 0.3 * draw.normal();
    }
  }
  const pair = labels.map((_, row) => Math.floor(row / 2));
  const unit = unitRows({ x, n, d: D });
  return { ...unit, labels, target, differences: matchedDifferences(unit, labels, pair) };
}

export const plantedImages = (pairs: number, seed: number) => rowsOf("image", pairs, seed);
export const plantedTexts = (pairs: number, seed: number) => rowsOf("text", pairs, seed);

/** Texts of the target's classes, into which the concept has leaked: one sounds like concept class 1. */
export function plantedClassTexts(): Embeddings {
  const x = new Float64Array(2 * D);
  for (const c of [0, 1]) {
    x[c * D + MODALITY] = -2;
    x[c * D + TARGET] = c ? 0.5 : -0.5;
    x[c * D + CONCEPT] = c ? 0.4 : -0.4;
  }
  return unitRows({ x, n: 2, d: D });
}
