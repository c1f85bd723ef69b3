/** @file Trains a head on embeddings, by the loop, the losses and the optimizer that train a whole model. */
import type { Row } from "../../data/row.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Config } from "../../run/config/schema.ts";
import { checkEmbeddings, takeRows } from "../../run/linalg/embeddings.ts";
import { silent } from "../../run/progress.ts";
import { type Classifier, argmaxRows, probabilities } from "../classifier.ts";
import { type LossConfig, companionsOf, lossTerms } from "../fairness/terms.ts";
import { type LoopHooks, trainLoop } from "../loop.ts";
import type { Trainee } from "../network.ts";
import { classifierObjective } from "../objective.ts";
import { type Task, singleAttributes, truthOf } from "../predict.ts";
import { rowOrder, rowWeights, upweighted } from "../sampling.ts";
import { type Scaling, createHead, headLogits, headOf } from "./network.ts";

/** Rows with their embeddings [N, d]. */
export interface LabelledRows {
  readonly rows: readonly Row[];
  readonly x: Float32Array;
  readonly d: number;
}

export interface HeadSettings extends LossConfig {
  /** Hidden units, or null for a linear head. */
  readonly hidden: number | null;
  readonly epochs: number;
  /** Rows of a step; no more than there are. */
  readonly batchSize: number;
  /** Peak learning rate of AdamW; it falls to 0 along a cosine. */
  readonly lr: number;
  readonly weightDecay: number;
  readonly sampling: Config["train"]["sampling"];
  readonly reweight: Config["train"]["reweight"];
  readonly seed: number;
}

/** A deviation that is this share of the mean is rounding of float32: the dimension is constant. */
const ROUNDING = 1e-6;

/** Mean and standard deviation of each dimension; a constant one is divided by 1. */
function scalingOf({ x, d }: LabelledRows): Scaling {
  const n = x.length / d;
  const mean = new Float64Array(d);
  const squares = new Float64Array(d);
  for (let i = 0; i < x.length; i++) mean[i % d]! += x[i]! / n;
  for (let i = 0; i < x.length; i++) squares[i % d]! += (x[i]! - mean[i % d]!) ** 2 / n;
  const varies = (i: number): boolean => Math.sqrt(squares[i]!) > ROUNDING * Math.abs(mean[i]!);
  return { mean, deviation: squares.map((square, i) => (varies(i) ? Math.sqrt(square) : 1)) };
}

const scaled = ({ x, d }: LabelledRows, { mean, deviation }: Scaling): Float32Array =>
  x.map((value, i) => (value - mean[i % d]!) / deviation[i % d]!);

/** Nothing is measured, kept or told on the way. */
const unwatched = (): LoopHooks<Trainee, null> => ({
  validate: async () => null,
  select: (epochs) => epochs.length - 1,
  saveLast: async () => {},
  saveBest: async () => {},
  onStep: async () => {},
  onEpoch: async () => {},
  progress: silent,
  signal: new AbortController().signal,
});

/**
 * A head trained on rows. The same seed gives the same bits on one engine.
 * Throws UsageError for an attribute that no row has, EquiclipError for embeddings or a loss that are not finite.
 */
export async function trainHead(
  engine: Engine,
  task: Task,
  data: LabelledRows,
  settings: HeadSettings,
): Promise<Classifier> {
  checkEmbeddings({ x: data.x, n: data.rows.length, d: data.d });
  const { robust } = settings;
  const attributes = singleAttributes([task.target, ...task.attributes]);
  const weights = rowWeights(data.rows, settings.reweight, attributes);
  if (robust.method !== "jtt") return trainOnce(engine, task, data, settings, weights);
  const { identification, upweight } = robust;
  const plain = { fairness: [], robust: { method: "none" as const }, epochs: identification };
  const first = await trainOnce(engine, task, data, { ...settings, ...plain }, weights);
  const predicted = argmaxRows(probabilities(first, data.x), task.classes.length);
  const second = upweighted(weights, truthOf(task, data.rows), predicted, upweight);
  return trainOnce(engine, task, data, settings, second);
}

async function trainOnce(
  engine: Engine,
  task: Task,
  data: LabelledRows,
  settings: HeadSettings,
  weights: Float32Array,
): Promise<Classifier> {
  const { rows, d } = data;
  const { hidden, sampling, seed, lr, weightDecay } = settings;
  const classes = task.classes.length;
  const attributes = singleAttributes([task.target, ...task.attributes]);
  const terms = lossTerms(settings, task, rows);
  const head = createHead({ width: d, hidden, classes }, companionsOf(terms), seed);
  const scaling = scalingOf(data);
  const x = scaled(data, scaling);
  await trainLoop<Trainee, null>(
    engine,
    head,
    classifierObjective(classes, truthOf(task, rows), terms, headLogits),
    {
      order: (epoch) => rowOrder(rows, sampling, attributes, seed, epoch),
      weights,
      inputs: async (of) => takeRows(x, d, of),
    },
    {
      epochs: settings.epochs,
      batchSize: Math.min(settings.batchSize, rows.length),
      accumulate: 1,
      optimizer: { name: "adamw", beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay },
      clipNorm: null,
      maxLogitScale: null,
      ema: null,
      schedule: { decay: "cosine", warmup: "openclip", lr, warmupSteps: 0 },
      patience: null,
      saveSteps: Number.MAX_SAFE_INTEGER,
    },
    unwatched(),
    null,
  );
  return headOf(head, scaling);
}
