/** @file What never trains is computed once, and nobody can tell: the same bits as without, whatever becomes of the cache. */
import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Row, Split } from "../../../src/data/row.ts";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import { cutOf } from "../../../src/model/clip/cut.ts";
import { type Cache, openCache } from "../../../src/run/cache/cache.ts";
import { listCache } from "../../../src/run/cache/files.ts";
import { createPrefix } from "../../../src/train/features/prefix.ts";
import { openFeatures } from "../../../src/train/features/rows.ts";
import { frozenTexts } from "../../../src/train/features/texts.ts";
import { createNetwork, createTowers } from "../../../src/train/network.ts";
import { promptObjective } from "../../../src/train/objective.ts";
import { truthOf } from "../../../src/train/predict.ts";
import { promptTexts } from "../../../src/train/prompts.ts";
import { createStep } from "../../../src/train/step.ts";
import {
  type Fitted,
  configOf,
  drawFaces,
  engine,
  fitFaces,
  newFolder,
  storeOf,
  task,
  tinyModel,
  validateBest,
} from "../faces.ts";

let rows: Record<Split, Row[]>;
const root = mkdtempSync(join(tmpdir(), "equiclip-features-"));
beforeAll(async () => {
  rows = await drawFaces();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let caches = 0;
beforeEach(() => {
  folder = join(root, `cache${caches++}`);
});
const cacheAt = (path = folder, limit = 1e9): Cache =>
  openCache({ folder: path, limit, warn: (line) => expect.unreachable(line) });
const shards = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => join(folder, name));

/** All that two equal runs have in common. */
const outcome = ({ state, steps, last, best, probe }: Fitted) => ({
  steps,
  validations: state.trajectory.map(({ validation }) => validation),
  last: [...last],
  best: [...best],
  probe: probe && [...probe],
});

const CONFIGS: Readonly<Record<string, readonly string[]>> = {
  "last block of both towers": ["model.trainable={kind: blocks, image: 1, text: 1}"],
  "last block of the image tower": ["model.trainable={kind: blocks, image: 1, text: 0}"],
  "last block of the text tower": ["model.trainable={kind: blocks, image: 0, text: 1}"],
  head: ["model.trainable={kind: head}"],
  probe: ["model.trainable={kind: probe}"],
  "adapters in the text tower": ["model.trainable={kind: lora, towers: [text]}"],
  "captions, one for several rows": [
    "model.trainable={kind: blocks, image: 1, text: 0}",
    "train.objective=contrastive",
  ],
  "just train twice": [
    "model.trainable={kind: head}",
    "train.robust={method: jtt, identification: 1, upweight: 3}",
  ],
  "two augmentations in turn": [
    "model.trainable={kind: blocks, image: 1, text: 0}",
    "augment={flip: 0.5, noise: 0.1, variants: 2}",
  ],
  "another augmentation in every epoch": [
    "model.trainable={kind: head}",
    "augment={flip: 0.5, noise: 0.1}",
  ],
};

/** How many images train rows are, as far as they are kept. */
const KEPT: Readonly<Record<string, number>> = {
  "two augmentations in turn": 2,
  "another augmentation in every epoch": 0,
};
const epochsOf = (name: string): number => KEPT[name] || 1;

test.each(Object.entries(CONFIGS))(
  "%s: a cached run is that without a cache: first, again, and measured",
  async (name, settings) => {
    const config = configOf(...settings, `train.epochs=${epochsOf(name)}`);
    const without = await fitFaces(config, rows);
    for (const time of ["fills", "reads"])
      expect(outcome(await fitFaces(config, rows, { cache: cacheAt() })), time).toEqual(
        outcome(without),
      );
    const measured = await validateBest(without, config, rows.validation);
    expect(await validateBest(without, config, rows.validation, cacheAt())).toEqual(measured);
    const tables = await listCache(folder);
    expect(tables.map(({ rows }) => rows)).toEqual([
      rows.validation.length + (KEPT[name] ?? 1) * rows.train.length,
    ]);
  },
);

test.each(["{kind: blocks, image: 1, text: 0}", "{kind: head}", "{kind: probe}"])(
  "%s: features that are fed are what the step would have computed from pixels",
  async (trainable) => {
    // in the first epoch both are the same image; one that is another in every epoch is fed as pixels
    const run = (augment: string) =>
      fitFaces(
        configOf("train.epochs=1", `augment=${augment}`, `model.trainable=${trainable}`),
        rows,
      );
    const [features, pixels] = [await run("{flip: 0.5, variants: 1}"), await run("{flip: 0.5}")];
    expect(outcome(features)).toEqual(outcome(pixels));
  },
);

test.each([
  "{kind: blocks, image: 1, text: 1}",
  "{kind: blocks, image: 1, text: 0}",
  "{kind: head}",
])(
  "%s: texts that are encoded once give the loss and gradients of those that are not",
  async (kind) => {
    const model = await tinyModel();
    const { trainable } = configOf(`model.trainable=${kind}`).model;
    const network = createNetwork(model.config, model.weights, trainable, 2, 0);
    const labels = truthOf(task, rows.validation);
    const plain = promptTexts(model, configOf().prompts, task);
    const cut = cutOf(model.config, trainable, "text");
    const frozen = { ...plain, texts: await frozenTexts(engine, network, cut, plain.texts) };
    expect(cut).not.toBeNull();
    const store = await storeOf(rows.validation, model, configOf());
    const of = [0, 1, 2, 3, 4, 5];
    const batch = {
      rows: of,
      inputs: await store.batch(of, null),
      weights: new Float32Array(6).fill(1),
    };
    const [a, b] = await Promise.all(
      [plain, frozen].map(async (texts) => {
        const step = await createStep(engine, network, promptObjective(texts, labels), 6);
        const loss = await step.run(batch);
        await step.dispose();
        return { loss, gradients: [...step.gradients] };
      }),
    );
    expect(b).toEqual(a);
  },
);

const blocks = configOf("model.trainable={kind: blocks, image: 1, text: 0}");

/** Features of the validation rows, and how often the prefix was run for them. */
async function features(cache: Cache | null, change: (name: string) => number = () => 0) {
  const model = await tinyModel();
  for (const [weight, { data }] of model.weights) data[0]! += change(weight);
  const cut = cutOf(model.config, blocks.model.trainable, "image")!;
  const towers = createTowers(model.config, model.weights);
  const prefix = createPrefix(engine, towers, cut, model.imageProcessor);
  let runs = 0;
  const counted = {
    ...prefix,
    run: (pixels: Float32Array) => {
      runs++;
      return prefix.run(pixels);
    },
  };
  const store = await storeOf(rows.validation, model, blocks);
  const opened = await openFeatures(counted, store, cache, false);
  const data = await opened.batch([...store.rows.keys()], null);
  await opened.close();
  await prefix.release();
  return { data, runs };
}

describe("the cache", () => {
  test("is not used for other weights below the cut, and is for others above", async () => {
    const first = await features(cacheAt());
    expect(first.runs).toBe(2); // 48 rows, 32 at a time
    expect(await features(cacheAt())).toEqual({ data: first.data, runs: 0 });
    const above = (name: string): number =>
      name.startsWith("vision_model.encoder.layers.1.") || name.startsWith("text_model.") ? 1 : 0;
    expect(await features(cacheAt(), above)).toEqual({ data: first.data, runs: 0 });
    const below = await features(cacheAt(), (name) =>
      name === "vision_model.encoder.layers.0.mlp.fc1.bias" ? 1e-3 : 0,
    );
    expect(below.runs).toBe(2);
    expect(below.data).not.toEqual(first.data);
  });

  test("is not used for another preprocessing", async () => {
    const model = await tinyModel();
    const cut = cutOf(model.config, blocks.model.trainable, "image")!;
    const towers = createTowers(model.config, model.weights);
    const about = (change: object) =>
      createPrefix(engine, towers, cut, { ...model.imageProcessor, ...change }).about();
    const plain = about({});
    expect(about({})).toEqual(plain);
    expect(about({ mean: [0.5, 0.5, 0.4] })).not.toEqual(plain);
    expect(about({ std: [0.5, 0.5, 0.4] })).not.toEqual(plain);
    expect(about({ rescaleFactor: 0.01 })).not.toEqual(plain);
    // resizing and cropping tell in the pixels, which are the key
    expect(about({ kernel: "bilinear" })).toEqual(plain);
    const other = {
      ...model,
      imageProcessor: { ...model.imageProcessor, kernel: "bilinear" as const },
    };
    const [a, b] = [
      await storeOf(rows.validation, model, blocks),
      await storeOf(rows.validation, other, blocks),
    ];
    expect(await a.digests([0, 1], null)).not.toEqual(await b.digests([0, 1], null));
    expect(await a.digests([1, 0], null)).toEqual((await a.digests([0, 1], null)).toReversed());
  });

  test("is not used for another number of threads: they split sums otherwise", async () => {
    const model = await tinyModel();
    const cut = cutOf(model.config, blocks.model.trainable, "image")!;
    const towers = createTowers(model.config, model.weights);
    const about = (threads?: number) =>
      createPrefix(onnxEngine({ threads }), towers, cut, model.imageProcessor).about();
    expect(about(1)).toEqual(about(1));
    const others = [about(2), about(3), about()];
    for (const [i, other] of others.entries())
      expect([about(1), ...others.slice(0, i)]).not.toContainEqual(other);
  });

  test("that is cut short is made again, to the same bits", async () => {
    const first = await features(cacheAt());
    const [shard] = shards();
    truncateSync(shard!, 5000);
    expect(await features(cacheAt())).toEqual(first);
    expect(await features(cacheAt())).toEqual({ ...first, runs: 0 });
  });

  test("is closed for good: what was begun before computes no more", async () => {
    const model = await tinyModel();
    const cut = cutOf(model.config, blocks.model.trainable, "image")!;
    const towers = createTowers(model.config, model.weights);
    const prefix = createPrefix(engine, towers, cut, model.imageProcessor);
    const never = { ...prefix, run: () => expect.unreachable("it is closed") };
    const store = await storeOf(rows.validation, model, blocks);
    const opened = await openFeatures(never, store, cacheAt(), true);
    const begun = opened.batch([0, 1], null);
    begun.catch(() => {});
    await opened.close();
    await expect(begun).rejects.toThrow("closed while");
  });

  test("feeds any batch and order the same bits", async () => {
    const { data } = await features(null);
    const model = await tinyModel();
    const cut = cutOf(model.config, blocks.model.trainable, "image")!;
    const towers = createTowers(model.config, model.weights);
    const prefix = createPrefix(engine, towers, cut, model.imageProcessor);
    const opened = await openFeatures(
      prefix,
      await storeOf(rows.validation, model, blocks),
      null,
      true,
    );
    const size = data.length / rows.validation.length;
    for (const some of [[5], [7, 5, 7, 40], [40, 2, 2, 2, 9]]) {
      const got = await opened.batch(some, null);
      some.forEach((row, i) =>
        expect(got.subarray(i * size, (i + 1) * size)).toEqual(
          data.subarray(row * size, (row + 1) * size),
        ),
      );
    }
    await prefix.release();
  });
});

test("a run that is resumed with its cache gone ends in the same bits", async () => {
  const whole = await fitFaces(blocks, rows, { cache: cacheAt() });
  const run = { folder: newFolder(), cache: cacheAt() };
  let looks = 0;
  // stops once the features are there and some steps are done
  const { signal } = new AbortController();
  Object.defineProperty(signal, "aborted", { get: () => ++looks > 12 });
  await expect(fitFaces(blocks, rows, { ...run, signal })).rejects.toThrow(/after \d+ of 18 steps/);
  rmSync(folder, { recursive: true });
  const resumed = await fitFaces(blocks, rows, { ...run, cache: cacheAt() });
  expect(resumed.steps.length).toBeLessThan(whole.steps.length);
  expect([...resumed.last]).toEqual([...whole.last]);
  expect([...resumed.best]).toEqual([...whole.best]);
});

test("two runs that fill one cache side by side are both right", async () => {
  const alone = outcome(await fitFaces(blocks, rows));
  const both = await Promise.all([1, 2].map(() => fitFaces(blocks, rows, { cache: cacheAt() })));
  for (const run of both) expect(outcome(run)).toEqual(alone);
  cpSync(folder, `${folder}-copy`, { recursive: true }); // and it may be moved
  expect(outcome(await fitFaces(blocks, rows, { cache: cacheAt(`${folder}-copy`) }))).toEqual(
    alone,
  );
});

test("an interrupt while features are computed keeps them", async () => {
  let looks = 0;
  const { signal } = new AbortController();
  Object.defineProperty(signal, "aborted", { get: () => ++looks > 2 });
  const place = { folder: newFolder(), cache: cacheAt(), signal };
  await expect(fitFaces(blocks, rows, place)).rejects.toThrow(/features of train .* --resume/);
  expect((await listCache(folder))[0]!.rows).toBeGreaterThanOrEqual(32);
});
