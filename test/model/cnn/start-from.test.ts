/** @file Starting from weights of another training: what is taken, what is kept, what is refused. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sizeOf } from "../../../src/graph/node.ts";
import { classes, number } from "../../../src/model/cnn/architectures.ts";
import { saveCnn } from "../../../src/model/cnn/folder.ts";
import type { CnnModel } from "../../../src/model/cnn/model.ts";
import { startFrom } from "../../../src/model/cnn/start-from.ts";
import { writeSafetensors } from "../../../src/model/safetensors.ts";
import type { StoredTensor, Weights } from "../../../src/model/weights.ts";
import { UsageError } from "../../../src/run/errors.ts";
import { thinModel } from "./tiny.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-start-"));
afterAll(() => rmSync(root, { recursive: true }));
let files = 0;
async function file(tensors: ReadonlyMap<string, StoredTensor>): Promise<string> {
  const path = join(root, `weights-${files++}.safetensors`);
  await writeSafetensors(path, tensors);
  return path;
}
const other = (weights: Weights, keep: (name: string) => boolean): Map<string, StoredTensor> =>
  new Map(
    [...weights].flatMap(([name, { shape, data }]) =>
      keep(name) ? [[name, { shape, data: data.map((x) => x + 1) }] as const] : [],
    ),
  );
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** The weights of `model` are `tensors` where those have the name, and otherwise those of `before`. */
function expectStarted(
  model: CnnModel,
  before: CnnModel,
  tensors: ReadonlyMap<string, StoredTensor>,
) {
  expect([...model.weights.keys()]).toEqual([...before.weights.keys()]);
  for (const [name, { data }] of model.weights)
    expect([...data], name).toEqual([...(tensors.get(name) ?? before.weights.get(name)!).data]);
}
async function refused(work: Promise<unknown>, message: RegExp): Promise<void> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UsageError);
  expect((thrown as Error).message).toMatch(message);
  expect((thrown as Error).message).not.toContain("\n");
}

const serawan = thinModel({ architecture: "serawan", size: 32 }, 64);
const isTrunk = (name: string): boolean => name.startsWith("features.");

describe("VGG-16 for Serawan's trunk", () => {
  test("the 26 tensors by torchvision's names, its classifier left out", async () => {
    const tensors = other(serawan.weights, isTrunk);
    const trunk = new Map(tensors);
    tensors.set("classifier.0.weight", { shape: [4, 2], data: new Float32Array(8) });
    const started = await startFrom(serawan, await file(tensors));
    expectStarted(started.model, serawan, trunk);
    expect(started.taken).toEqual({
      tensors: 26,
      numbers: [...trunk.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    });
    expect(started.kept).toHaveLength(18);
    expect(started.kept[0]).toEqual({ name: "age.dense1.weight", reason: "not in the file" });
    expect(started.unused).toEqual(["classifier.0.weight"]);
    expect(started.model.imageProcessor).toEqual({ ...serawan.imageProcessor, ...imagenet });
  });

  test("a layer missing, and one of another shape", async () => {
    const tensors = other(serawan.weights, (name) => isTrunk(name) && name !== "features.28.bias");
    tensors.set("features.0.weight", { shape: [2, 1, 3, 3], data: new Float32Array(18) });
    await refused(
      startFrom(serawan, await file(tensors)),
      /of the trunk's 26 tensors, 1 missing \(features\.28\.bias\); 1 of another kind \(features\.0\.weight: expected \[2, 3, 3, 3\], received \[2, 1, 3, 3\]\); pass torchvision's vgg16$/,
    );
  });

  test("a file of another network, and none", async () => {
    const tensors = other(serawan.weights, (name) => !isTrunk(name));
    await refused(startFrom(serawan, await file(tensors)), /26 tensors, 26 missing/);
    await refused(
      startFrom(serawan, join(root, "none.safetensors")),
      /none\.safetensors: there is no such file, expected torchvision's vgg16 as \.safetensors, or a folder of cnn:serawan/,
    );
  });
});

describe("ResNet-18", () => {
  const resnet = thinModel({ architecture: "resnet18", size: 32, heads: { race: classes(5) } }, 64);

  test("running statistics too; fc left out where the classes differ", async () => {
    const tensors = other(resnet.weights, (name) => !name.startsWith("fc."));
    const trunk = new Map(tensors);
    tensors.set("fc.weight", { shape: [10, 8], data: new Float32Array(80) });
    tensors.set("fc.bias", { shape: [10], data: new Float32Array(10) });
    tensors.set("bn1.num_batches_tracked", { shape: [], data: Int32Array.of(7) });
    const { model, taken, kept, unused } = await startFrom(resnet, await file(tensors));
    expectStarted(model, resnet, trunk);
    expect(taken.tensors).toBe(100);
    expect(kept).toEqual([
      { name: "fc.weight", reason: "expected [5, 8], received [10, 8]" },
      { name: "fc.bias", reason: "expected [5], received [10]" },
    ]);
    expect(unused).toEqual([]);
    expect(model.imageProcessor).toMatchObject(imagenet);
  });

  test("fc taken where they do not", async () => {
    const tensors = other(resnet.weights, () => true);
    const { model, kept } = await startFrom(resnet, await file(tensors));
    expectStarted(model, resnet, tensors);
    expect(kept).toEqual([]);
  });
});

describe("a folder", () => {
  const small = thinModel({ architecture: "small", size: 16 }, 16);

  test("of the same architecture with other heads: trunk, heads in common, normalisation", async () => {
    const folder = join(root, "small");
    const normalisation = { mean: [0.1, 0.2, 0.3], std: [1, 2, 3] } as const;
    await saveCnn(folder, {
      ...small,
      imageProcessor: { ...small.imageProcessor, ...normalisation },
    });
    const heads = { gender: classes(2), age: number(116) };
    const target = thinModel({ architecture: "small", size: 16, heads }, 16);
    const { model, kept } = await startFrom(target, folder);
    expectStarted(model, target, small.weights);
    expect(kept.map(({ name }) => name)).toEqual(["age.output.weight", "age.output.bias"]);
    expect(model.imageProcessor).toMatchObject(normalisation);
    expect(model.config).toBe(target.config);
  });

  test("that learnt from pixels on another scale is refused", async () => {
    const scaled = thinModel({ architecture: "tripathi", size: 16 }, 16);
    const raw = thinModel({ architecture: "tripathi", size: 16, compat: ["raw-pixels"] }, 16);
    for (const [model, name] of [
      [scaled, "scaled"],
      [raw, "raw"],
    ] as const)
      await saveCnn(join(root, name), model);
    await refused(
      startFrom(scaled, join(root, "raw")),
      /raw: trained on pixels of 0 to 255, expected divided by 255; add model.compat raw-pixels, or/,
    );
    await refused(
      startFrom(raw, join(root, "scaled")),
      /scaled: trained on pixels divided by 255, expected of 0 to 255; remove model.compat raw-/,
    );
    expect((await startFrom(raw, join(root, "raw"))).kept).toEqual([]);
  });

  test("of another architecture is named", async () => {
    const folder = join(root, "small-again");
    await saveCnn(folder, small);
    await refused(
      startFrom(serawan, folder),
      /this is cnn:small, expected cnn:serawan; pass weights of the same architecture$/,
    );
  });
});
