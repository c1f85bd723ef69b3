/** @file Convolutional networks through the trainer that CLIP has: what is saved is what was validated, resumed runs are the same. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Row, Split } from "../../../src/data/row.ts";
import type { CnnModel } from "../../../src/model/cnn/model.ts";
import { InterruptedError } from "../../../src/run/errors.ts";
import { changed, configOf, drawFaces, fitFaces, newFolder, validateBest } from "../faces.ts";
import { networkConfig, startOf } from "./faces.ts";

let faces: Record<Split, Row[]>;
beforeAll(async () => {
  faces = await drawFaces();
});
const all = (): Row[] => [...faces.train, ...faces.validation];

const SMALL = ["cnn:small", "model.imageSize=32"] as const;
const AGHAV = [
  "cnn:aghav",
  "model.imageSize=24",
  'model.outputs={"age":{},"tone":{"weight":0.5}}',
] as const;

describe.each([
  ["batch norm, and a last batch of its own size", SMALL],
  ["dropout, and two outputs beside the target", AGHAV],
])("%s", (_name, [from, ...settings]) => {
  const config = networkConfig(from, ...settings, "train.batchSize=28", "augment.flip=0.5");

  test("the folder of the best epoch answers as it did on validation", async () => {
    const fitted = await fitFaces(config, faces, { model: await startOf(config, all()) });
    const { selected, trajectory } = fitted.state;
    const { loss, accuracy } = await validateBest(fitted, config, faces.validation);
    expect(loss).toBeCloseTo(trajectory[selected!]!.validation.loss, 10);
    expect(accuracy).toBe(trajectory[selected!]!.validation.accuracy);
  });

  test("stopped in an epoch and gone on with, every bit is the same", async () => {
    const whole = await fitFaces(config, faces, { model: await startOf(config, all()) });
    const folder = newFolder();
    const stop = new AbortController();
    let steps = 0;
    const signal = new Proxy(stop.signal, {
      get: (target, key) => (key === "aborted" ? steps++ > 1 : Reflect.get(target, key, target)),
    });
    const stopped = fitFaces(config, faces, {
      model: await startOf(config, all()),
      folder,
      signal,
    });
    await expect(stopped).rejects.toBeInstanceOf(InterruptedError);
    const resumed = await fitFaces(config, faces, { model: await startOf(config, all()), folder });
    expect(resumed.state.trajectory.map(({ trainLoss }) => trainLoss)).toEqual(
      whole.state.trajectory.map(({ trainLoss }) => trainLoss),
    );
    for (const [name, { data }] of whole.last) expect(resumed.last.get(name)!.data).toEqual(data);
  });
});

test("running statistics follow the batches, and the last partial batch counts as it is", async () => {
  const config = networkConfig(...SMALL, "train.batchSize=28", "train.epochs=1");
  const model = await startOf(config, all());
  const { last, steps } = await fitFaces(config, faces, { model });
  expect(faces.train.length % 28).toBeGreaterThan(1);
  expect(steps).toHaveLength(Math.ceil(faces.train.length / 28));
  const mean = last.get("bn1.running_mean")!.data;
  expect(mean.every((value) => value !== 0)).toBe(true);
});

describe("heads that no loss reaches stay as they are, whatever the decay", () => {
  const decaying = [
    "train.epochs=1",
    'train.optimizer={"name":"adamw","weightDecay":0.5}',
  ] as const;
  const headsOf = (names: readonly string[]) =>
    [...new Set(names.map((name) => name.split(".")[0]!))].filter(
      (part) => !part.startsWith("conv"),
    );
  async function moved(model: CnnModel, ...settings: readonly string[]): Promise<string[]> {
    const [, , outputs] = AGHAV;
    const before = new Map(
      [...model.weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
    );
    const config = networkConfig(AGHAV[0], AGHAV[1], outputs, ...decaying, ...settings);
    const { last } = await fitFaces(config, faces, { model });
    return headsOf(changed(before, last));
  }
  const model = () => startOf(networkConfig(...AGHAV), all());

  test("of weight 0, beside the target", async () => {
    expect(await moved(await model(), "model.outputs.tone.weight=0")).toEqual(["age", "style"]);
  });
  test("the target's own, although group DRO keeps weights of its groups", async () => {
    const robust = 'train.robust={"method":"group-dro"}';
    const settings = ['model.outputs={"age":{},"style":{"weight":0}}', robust];
    expect(await moved(await model(), ...settings)).toEqual(["age"]);
  });
  test("those of an earlier network that the config does not name", async () => {
    expect(await moved(await model(), "model.outputs={}")).toEqual(["style"]);
  });
});

test("a checkpoint of another architecture is refused in one line", async () => {
  const folder = newFolder();
  const small = networkConfig(...SMALL, "train.epochs=1");
  await fitFaces(small, faces, { model: await startOf(small, all()), folder });
  const aghav = networkConfig(...AGHAV, "train.epochs=1");
  await expect(
    fitFaces(aghav, faces, { model: await startOf(aghav, all()), folder }),
  ).rejects.toThrow(
    /conv1.bias has \d+|conv1.weight has \d+ values, expected \d+; the checkpoint is of another model/,
  );
  const clip = configOf("train.epochs=1");
  await expect(fitFaces(clip, faces, { folder })).rejects.toThrow(
    /the checkpoint is of another model/,
  );
});

test("weights of an earlier network: what was taken is told, and what starts at random", async () => {
  const fitted = await fitFaces(networkConfig(...SMALL, "train.epochs=1"), faces, {
    model: await startOf(networkConfig(...SMALL), all()),
  });
  const config = networkConfig(
    ...SMALL,
    `model.weights=${fitted.folder.best}`,
    'model.outputs={"tone":{}}',
  );
  const said: string[] = [];
  const { weights } = await startOf(config, all(), (line) => said.push(line));
  expect(weights.get("conv1.weight")!.data).toEqual(fitted.best.get("conv1.weight")!.data);
  expect(said).toEqual([
    expect.stringMatching(
      /best: took \d+ tensors \(1\.0 million numbers\); 2 start at random \(tone/,
    ),
  ]);
});
