/** @file Training on any engine: every update rule beside float64, resuming to the same bits, odd batches, a short real run. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Engine } from "../src/engine/engine.ts";
import { reference } from "../src/engine/reference.ts";
import { classes } from "../src/model/cnn/architectures.ts";
import { dropout } from "../src/model/cnn/layers.ts";
import type { Weight, Weights } from "../src/model/weights.ts";
import { InterruptedError } from "../src/run/errors.ts";
import { random } from "../src/run/random.ts";
import { createCnnNetwork } from "../src/train/cnn/network.ts";
import { cnnObjective } from "../src/train/cnn/objective.ts";
import { groupDroTerm } from "../src/train/fairness/group-dro.ts";
import { type LossTerm, meanCrossEntropy } from "../src/train/fairness/term.ts";
import { companionsOf } from "../src/train/fairness/terms.ts";
import { probabilities } from "../src/train/classifier.ts";
import { createHead, headLogits } from "../src/train/head/network.ts";
import { type HeadSettings, trainHead } from "../src/train/head/train.ts";
import { type Network, type Trainee, createNetwork } from "../src/train/network.ts";
import { type Objective, classifierObjective, promptObjective } from "../src/train/objective.ts";
import { promptTexts } from "../src/train/prompts.ts";
import type { Batch } from "../src/train/step.ts";
import { createUpdater } from "../src/train/update/create.ts";
import type { UpdateSettings, UpdaterState } from "../src/train/update/updater.ts";
import { row } from "./data/rows.ts";
import { thinModel } from "./model/cnn/tiny.ts";
import {
  changed,
  configOf,
  drawFaces,
  fitFaces,
  newFolder,
  task,
  tinyModel,
} from "./train/faces.ts";

const ROWS = 12;
const WIDTH = 6;
const CLASSES = 3;
const LR = 0.02;

const base: UpdateSettings = {
  batchSize: 4,
  accumulate: 1,
  optimizer: { name: "sgd", momentum: 0, nesterov: false, weightDecay: 0 },
  clipNorm: null,
  maxLogitScale: null,
  ema: null,
};
const adam = { beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.1 } as const;
/** Between them: each rule, what decays, clipping that acts, sums over batches, averages. */
const updates: Readonly<Record<string, UpdateSettings>> = {
  "sgd alone": base,
  "sgd with momentum and decay": {
    ...base,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0.1, decay: "all" },
    clipNorm: 0.1,
  },
  "sgd by Nesterov, accumulated": {
    ...base,
    accumulate: 2,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  },
  "adam, averaged": { ...base, optimizer: { name: "adam", ...adam, decay: "all" }, ema: 0.8 },
  "adamw, clipped, accumulated, averaged": {
    ...base,
    accumulate: 3,
    optimizer: { name: "adamw", ...adam },
    clipNorm: 0.1,
    ema: 0.8,
  },
};

const HEAD: HeadSettings = {
  hidden: 4,
  epochs: 3,
  batchSize: 4,
  lr: LR,
  weightDecay: 0.01,
  sampling: "shuffle",
  reweight: "none",
  seed: 0,
  fairness: [],
  robust: { method: "none" },
};

const normals = (length: number, ...seed: readonly (string | number)[]): Float32Array => {
  const stream = random("training suite", ...seed);
  return Float32Array.from({ length }, () => stream.normal());
};

/** Batches of a step; their rows weigh differently. */
function batchesOf(
  { batchSize, accumulate }: UpdateSettings,
  { rowShape }: Trainee,
  step: number,
): Batch[] {
  const size = rowShape.reduce((product, d) => product * d, batchSize);
  return Array.from({ length: accumulate }, (_, i) => ({
    rows: Array.from({ length: batchSize }, (_row, j) => (5 * step + 3 * i + j) % ROWS),
    inputs: normals(size, "inputs", step, i),
    weights: Float32Array.from({ length: batchSize }, (_row, j) => (j % 3) + 0.5),
  }));
}

interface Job<N extends Trainee> {
  readonly network: N;
  readonly objective: Objective<N>;
  /** By default those of `batchesOf`. */
  readonly batches?: typeof batchesOf;
}

/** A head with one hidden layer, and weights of groups that every step changes. */
function headJob(): Job<Trainee> {
  const labels = Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES);
  const groups = { codes: Int32Array.from({ length: ROWS }, (_, row) => row % 2), count: 2 };
  const dro = groupDroTerm("robust", groups, { stepSize: 0.5, adjustment: 1 });
  const terms: readonly LossTerm[] = [meanCrossEntropy, dro];
  const shape = { width: WIDTH, hidden: 5, classes: CLASSES };
  const network = createHead(shape, companionsOf(terms), 1);
  // an output layer of zeros would have no gradient behind it
  for (const [name, { data }] of network.weights)
    if (name.startsWith("head.output")) data.set(normals(data.length, name));
  return { network, objective: classifierObjective(CLASSES, labels, terms, headLogits) };
}

/** Both towers of the tiny preset, all of them trained. */
async function towersJob(): Promise<Job<Network>> {
  const model = await tinyModel();
  const texts = promptTexts(model, configOf().prompts, task);
  const labels = Int32Array.from({ length: ROWS }, (_, row) => row % 2);
  return {
    network: createNetwork(model.config, model.weights, { kind: "full" }, 2, 0),
    objective: promptObjective(texts, labels),
  };
}

/** A thin network with batch norm and dropout; the last batch of each step is a row short. */
function convolutionalJob(): Job<Trainee> {
  const heads = { kind: classes(2) };
  const model = thinModel({ architecture: "small", size: 16, heads }, 32);
  const { trunk } = model.config;
  const config = { ...model.config, trunk: [...trunk, dropout("dropped", 0.5)] };
  const labels = Int32Array.from({ length: ROWS }, (_, row) => row % 2);
  const target = { name: "kind", weight: 1, classes: 2, labels, terms: [meanCrossEntropy] };
  const objective = cnnObjective(config, target, [], 5);
  expect(objective.rest).toBe("own");
  const network = createCnnNetwork(config, model.weights, { params: [], state: [] }, 1);
  const batches: typeof batchesOf = (settings, trainee, step) =>
    batchesOf(settings, trainee, step).map((whole, i) => {
      const count = i === settings.accumulate - 1 ? settings.batchSize - 1 : settings.batchSize;
      const rows = whole.rows.slice(0, count);
      const size = (whole.inputs.length / settings.batchSize) * count;
      return {
        rows,
        inputs: whole.inputs.slice(0, size),
        weights: whole.weights.slice(0, count),
        drawn: objective.draw?.(count, { epoch: 0, batch: settings.accumulate * step + i }),
      };
    });
  return { network, objective, batches };
}

const copied = <T extends { data: Weight["data"] }>(tensors: ReadonlyMap<string, T>) =>
  new Map([...tensors].map(([name, t]) => [name, { ...t, data: t.data.slice() }]));

interface Trained {
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  readonly weights: Weights;
  readonly state: UpdaterState;
}

/** Steps `from` to `to`; the network's weights are changed. @param saved where steps before them ended. */
async function train<N extends Trainee>(
  engine: Engine,
  { network, objective, batches: fed = batchesOf }: Job<N>,
  settings: UpdateSettings,
  [from, to]: readonly [number, number],
  saved: Trained | null = null,
): Promise<Trained> {
  for (const [name, { data }] of saved?.weights ?? []) network.weights.get(name)!.data.set(data);
  const updater = await createUpdater(engine, network, objective, settings, saved?.state ?? null);
  const [losses, norms]: [number[], number[]] = [[], []];
  for (let step = from; step < to; step++) {
    const batches = fed(settings, network, step);
    const found = await updater.update(batches, LR / (1 + step), () => {});
    losses.push(found.loss);
    norms.push(found.gradNorm);
  }
  await updater.settle();
  const { optimizer, ema, ...rest } = updater.state();
  const tensors = new Map(
    [...optimizer.tensors].map(([name, t]) => [name, { ...t, data: t.data.slice() }]),
  );
  const state = { ...rest, optimizer: { ...optimizer, tensors }, ema: ema && copied(ema) };
  await updater.dispose();
  return { losses, norms, weights: copied(network.weights), state };
}

/** Expects numbers to differ by no more than `tolerance` of the largest of them, or of 1. */
function expectNear(
  got: Iterable<number>,
  want: Iterable<number>,
  tolerance: number,
  what: string,
): void {
  const [a, b] = [[...got], [...want]];
  expect(a.length, what).toBe(b.length);
  const scale = Math.max(1, ...b.map(Math.abs));
  expect(Math.max(...b.map((v, i) => Math.abs(a[i]! - v))), what).toBeLessThan(tolerance * scale);
}

function expectSameTraining(got: Trained, want: Trained, tolerance: number): void {
  expectNear(got.losses, want.losses, tolerance, "losses");
  expectNear(got.norms, want.norms, tolerance, "gradient norms");
  const tensors = ({ weights, state }: Trained) =>
    new Map([...weights, ...state.optimizer.tensors, ...prefixed("ema:", state.ema ?? new Map())]);
  const expected = tensors(want);
  expect([...tensors(got).keys()]).toEqual([...expected.keys()]);
  for (const [name, { data }] of tensors(got))
    expectNear(data, expected.get(name)!.data, tolerance, name);
  expect(got.state.optimizer.step).toBe(want.state.optimizer.step);
}
const prefixed = (prefix: string, weights: Weights) =>
  [...weights].map(([name, weight]) => [prefix + name, weight] as const);

/**
 * Runs on any engine. @param tolerance of losses, gradient norms, weights and moments after a few steps, beside those of
 * the reference engine: relative to the largest value of each.
 * @param skip names of tests, and why this engine does not run them.
 */
export function runTrainingSuite(
  engine: Engine,
  tolerance: number,
  skip: Readonly<Record<string, string>> = {},
): void {
  const unlessSkipped = (name: string, run: () => Promise<void>): void => {
    const reason = skip[name];
    test.skipIf(reason !== undefined)(reason ? `${name} (skipped: ${reason})` : name, run);
  };

  describe(`${engine.name}: training`, () => {
    describe.each(Object.entries(updates))("%s", (_name, settings) => {
      test("ten steps end where float64's do", async () => {
        const got = await train(engine, headJob(), settings, [0, 10]);
        const want = await train(reference, headJob(), settings, [0, 10]);
        expect(got.weights).not.toEqual(headJob().network.weights);
        expectSameTraining(got, want, tolerance);
      });

      test("stopped, loaded and gone on with, every bit is the same", async () => {
        const whole = await train(engine, headJob(), settings, [0, 6]);
        const part = await train(engine, headJob(), settings, [0, 3]);
        const rest = await train(engine, headJob(), settings, [3, 6], part);
        expect([...part.losses, ...rest.losses]).toEqual(whole.losses);
        expect(rest.weights).toEqual(whole.weights);
        expect(rest.state).toEqual(whole.state);
      });
    });

    describe("a convolutional network with running statistics, dropout and a last batch of its own size", () => {
      const settings = updates["adamw, clipped, accumulated, averaged"]!;

      test("some steps end where float64's do", async () => {
        const got = await train(engine, convolutionalJob(), settings, [0, 4]);
        const want = await train(reference, convolutionalJob(), settings, [0, 4]);
        const mean = "bn5.running_mean";
        expect(got.weights.get(mean)).not.toEqual(convolutionalJob().network.weights.get(mean));
        expectSameTraining(got, want, 10 * tolerance);
      });

      test("stopped, loaded and gone on with, every bit is the same", async () => {
        const whole = await train(engine, convolutionalJob(), settings, [0, 4]);
        const part = await train(engine, convolutionalJob(), settings, [0, 2]);
        const rest = await train(engine, convolutionalJob(), settings, [2, 4], part);
        expect([...part.losses, ...rest.losses]).toEqual(whole.losses);
        expect(rest.weights).toEqual(whole.weights);
        expect(rest.state).toEqual(whole.state);
      });
    });

    test("a check that throws leaves everything as it was", async () => {
      const settings = updates["adamw, clipped, accumulated, averaged"]!;
      const { network, objective } = headJob();
      const { trained } = network;
      const updater = await createUpdater(engine, network, objective, settings, null);
      const stop = new Error("stop");
      await expect(
        updater.update(batchesOf(settings, network, 0), LR, () => {
          throw stop;
        }),
      ).rejects.toBe(stop);
      await updater.settle();
      const start = headJob().network.weights;
      for (const name of trained.names)
        expect(network.weights.get(name), name).toEqual(start.get(name));
      expect(updater.state().optimizer.step).toBe(0);
      await updater.dispose();
    });

    test("a head on embeddings answers as float64's does; its last batch is a partial one", async () => {
      const kinds = ["a", "b", "c"];
      const of = { target: "kind", classes: kinds, positive: null, attributes: ["kind"] };
      const rows = Array.from({ length: 10 }, (_, i) => row(`${i}`, { kind: kinds[i % 3]! }));
      const data = { rows, x: normals(10 * WIDTH, "embeddings"), d: WIDTH };
      const answers = async (by: Engine) =>
        probabilities(await trainHead(by, of, data, HEAD), data.x);
      expectNear(await answers(engine), await answers(reference), tolerance, "probabilities");
    });

    test("a batch of one trains both towers, and the temperature stays below its limit", async () => {
      const settings = { ...base, batchSize: 1, maxLogitScale: 10, ema: 0.5 };
      const got = await train(engine, await towersJob(), settings, [0, 2]);
      const want = await train(reference, await towersJob(), settings, [0, 2]);
      expectSameTraining(got, want, tolerance);
      expect(got.weights.get("logit_scale")!.data[0]).toBe(Math.fround(Math.log(10)));
    });

    test("rows that only fill the last batch change nothing", async () => {
      const filledWith = async (filler: number): Promise<number> => {
        const { network, objective } = headJob();
        const [batch] = batchesOf(base, network, 0) as [Batch];
        const inputs = batch.inputs.slice().fill(filler, 2 * WIDTH);
        const updater = await createUpdater(engine, network, objective, base, null);
        const weights = Float32Array.of(1, 1, 0, 0);
        const found = await updater.update([{ rows: [0, 1, 0, 0], inputs, weights }], LR, () => {});
        await updater.dispose();
        return found.gradNorm;
      };
      expectNear([await filledWith(100)], [await filledWith(0)], tolerance, "gradient norm");
    });

    const short = configOf("train.epochs=2", "train.batchSize=10", "train.lr=2e-3");
    unlessSkipped("a short real run learns", async () => {
      const { state, steps } = await fitFaces(short, await drawFaces(48), { engine });
      const [first, second] = state.trajectory;
      expect(steps).toHaveLength(8); // 32 rows: the last batch of an epoch holds two
      expect(second!.trainLoss).toBeLessThan(first!.trainLoss);
      expect(second!.validation.loss).toBeLessThan(first!.validation.loss);
      expect(second!.validation.accuracy).toBeGreaterThanOrEqual(0);
    });

    unlessSkipped(
      "Ctrl-C in the middle of a step: it ends, is saved and gone on with",
      async () => {
        const rows = await drawFaces(48);
        const config = configOf(
          "train.epochs=1",
          "train.batchSize=8",
          "train.ema=0.9",
          "augment={ flip: 0.5, noise: 0.1 }",
        );
        const whole = await fitFaces(config, rows, { engine });
        const controller = new AbortController();
        const folder = newFolder();
        await expect(
          fitFaces(config, rows, {
            engine: interrupting(engine, 2, controller),
            folder,
            signal: controller.signal,
          }),
        ).rejects.toThrow(InterruptedError);
        expect(existsSync(folder.last)).toBe(true);
        const rest = await fitFaces(config, rows, { engine, folder });
        expect(rest.steps.map(({ step }) => step)).toEqual([2, 3]);
        expect(rest.steps).toEqual(whole.steps.slice(2));
        expect(changed(whole.last, rest.last)).toEqual([]);
        expect(changed(whole.best, rest.best)).toEqual([]);
      },
    );
  });
}

/** The same engine; it aborts while it computes the loss of step `step`, counted from 1. */
function interrupting(engine: Engine, step: number, controller: AbortController): Engine {
  let done = 0;
  return {
    ...engine,
    compile: async (outputs, store) => {
      const program = await engine.compile(outputs, store);
      return {
        ...program,
        run: (feeds, into) => {
          const results = program.run(feeds, into);
          if ("loss" in outputs && ++done === step) controller.abort();
          return results;
        },
      };
    },
  };
}
