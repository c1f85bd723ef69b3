/** @file Just train twice: rows that a first, plain training gets wrong count for more in the second. */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import type { Row } from "../data/row.ts";
import type { Weights } from "../model/weights.ts";
import { writeFileAtomic } from "../run/files.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Progress } from "../run/progress.ts";
import { loadLast, saveLast } from "./checkpoint.ts";
import { argmaxRows, probabilities } from "./classifier.ts";
import { trainingOf } from "./families.ts";
import type { LossConfig } from "./fairness/terms.ts";
import type { RowInputs } from "./features/rows.ts";
import { type TrainingRows, trainLoop } from "./loop.ts";
import type { Kept } from "./network.ts";
import { truthOf } from "./predict.ts";
import { upweighted } from "./sampling.ts";
import { type FitInputs, rowsOf, settingsOf } from "./training.ts";

/** What a run tells of itself, and what stops it. */
interface Surroundings {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What the first training of a run found, once it is known: the class predicted of every row. */
async function loadIdentified(
  { identified, identification }: RunFolder,
  rows: readonly Row[],
): Promise<Int32Array | null> {
  if (!existsSync(identified)) return null;
  const saved = JSON.parse(await readFile(identified, "utf8")) as Record<string, number>;
  await rm(identification, { recursive: true, force: true }); // a kill may have left it
  return Int32Array.from(rows, ({ id }) => saved[id] ?? -1);
}

/** Keeps what the first training found; its checkpoint is needed no more. */
async function saveIdentified(
  { identified, identification }: RunFolder,
  rows: readonly Row[],
  predicted: Int32Array,
): Promise<void> {
  const saved = Object.fromEntries(rows.map(({ id }, i) => [id, predicted[i]]));
  await writeFileAtomic(identified, `${JSON.stringify(saved)}\n`);
  await rm(identification, { recursive: true, force: true });
}

/** Trains a copy plainly for some epochs, and predicts the class of every train row with it. */
async function identify(
  inputs: FitInputs,
  images: RowInputs,
  epochs: number,
  { progress, signal }: Surroundings,
): Promise<Int32Array> {
  const { engine, config, model, task, train, folder } = inputs;
  const known = await loadIdentified(folder, train.rows);
  if (known) return known;
  const copy: Weights = new Map(
    [...model.weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
  const plain: LossConfig = { fairness: [], robust: { method: "none" } };
  const { network, objective, encoder: encoderOf } = await trainingOf(inputs, copy, plain, images);
  const first = folder.identification;
  await trainLoop<Kept, null>(
    engine,
    network,
    objective,
    rowsOf(inputs, images),
    { ...settingsOf(config), epochs, patience: null, ema: null },
    {
      validate: async () => null,
      select: (epochsDone) => epochsDone.length - 1,
      saveLast: (current, snapshot) => saveLast(first, model, current, snapshot),
      saveBest: async () => {},
      onStep: async () => {},
      onEpoch: async () => {},
      progress: {
        ...progress,
        start: (label, ...amounts) => progress.start(`looking for errors, ${label}`, ...amounts),
      },
      signal,
    },
    await loadLast<null>(first, network),
  );
  const encoder = await encoderOf(network.weights, images);
  const embeddings = await encoder.images([...train.rows.keys()], (rows) =>
    images.batch(rows, null),
  );
  const scores = probabilities(await encoder.classifier(), embeddings);
  await encoder.dispose();
  const predicted = argmaxRows(scores, task.classes.length);
  await saveIdentified(folder, train.rows, predicted);
  return predicted;
}

/** The rows as they are, or with those upweighted that a first training got wrong. */
export async function robustRows(
  inputs: FitInputs,
  images: RowInputs,
  hooks: Surroundings,
): Promise<TrainingRows> {
  const { robust } = inputs.config.train;
  const rows = rowsOf(inputs, images);
  if (robust.method !== "jtt") return rows;
  const predicted = await identify(inputs, images, robust.identification, hooks);
  const truth = truthOf(inputs.task, inputs.train.rows);
  return { ...rows, weights: upweighted(rows.weights, truth, predicted, robust.upweight) };
}
