/** @file Drawn faces whose style goes with their tone in train alone, as small pictures for heads. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll } from "vitest";
import type { Row } from "../../../src/data/row.ts";
import { makeSyntheticFaces } from "../../../src/data/synthetic.ts";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import { evaluate } from "../../../src/eval/evaluate.ts";
import { probabilities } from "../../../src/train/classifier.ts";
import { type HeadSettings, type LabelledRows, trainHead } from "../../../src/train/head/train.ts";
import { type Task, predictionsOf } from "../../../src/train/predict.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-planted-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

export const engine = onnxEngine({ threads: 1 });
export const task: Task = {
  target: "style",
  classes: ["angular", "rounded"],
  positive: "rounded",
  attributes: ["tone"],
};

/** Pixels of a side. */
const SIDE = 8;
const D = SIDE * SIDE * 3;

/** 400 faces with the bias to train on, 400 without it to test on. */
export async function plantedFaces(
  seed: number,
): Promise<Readonly<Record<"train" | "test", LabelledRows>>> {
  const { rows } = await makeSyntheticFaces(join(root, `${seed}`), {
    count: 800,
    size: 16,
    seed,
    bias: 0.8,
    validation: 0,
    test: 0.5,
  });
  const part = async (of: readonly Row[]): Promise<LabelledRows> => {
    const x = new Float32Array(of.length * D);
    for (const [i, { path }] of of.entries()) {
      const pixels = await sharp(path).resize(SIDE, SIDE).removeAlpha().raw().toBuffer();
      x.set(
        Float32Array.from(pixels, (value) => value / 255),
        i * D,
      );
    }
    return { rows: of, x, d: D };
  };
  return {
    train: await part(rows.filter(({ split }) => split === "train")),
    test: await part(rows.filter(({ split }) => split === "test")),
  };
}

const PLAIN: HeadSettings = {
  hidden: null,
  epochs: 30,
  batchSize: 128,
  lr: 0.01,
  weightDecay: 0.01,
  sampling: "shuffle",
  reweight: "none",
  seed: 0,
  fairness: [],
  robust: { method: "none" },
};

/** A linear head trained on train rows, and what it does on test rows. */
export async function testedHead(
  { train, test }: Awaited<ReturnType<typeof plantedFaces>>,
  settings: Partial<HeadSettings>,
) {
  const head = await trainHead(engine, task, train, { ...PLAIN, ...settings });
  const scores = probabilities(head, test.x);
  const report = evaluate(predictionsOf(task, test.rows, scores), {
    positive: task.positive ?? undefined,
    attributes: task.attributes,
    minSupport: 0,
    uncertainty: { level: 0.95, replicates: 0, seed: 0 },
  });
  const { gaps } = report.attributes["tone"]!;
  return {
    head,
    accuracy: report.overall.accuracy.value!,
    gap: (metric: string): number => gaps[metric]!.value!,
  };
}
