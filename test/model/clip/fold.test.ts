/** @file Folding: the checkpoint itself gives erased embeddings, exactly; and the theorems that allow it. */
import { describe, expect, test } from "vitest";
import { toAffineEach } from "../../../src/debias/compose.ts";
import type { Eraser } from "../../../src/debias/eraser.ts";
import { apply, toAffine } from "../../../src/debias/eraser.ts";
import { erasers } from "../../../src/debias/erasers.ts";
import { unitRows } from "../../../src/run/linalg/embeddings.ts";
import { resizeAndCrop } from "../../../src/data/preprocess.ts";
import { clipImages, clipTexts } from "../../../src/embed/clip-encoder.ts";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import type { ClipModel } from "../../../src/model/clip-model.ts";
import { type AffineMap, foldMap } from "../../../src/model/clip/fold.ts";
import { loadClip } from "../../../src/model/folder.ts";
import { random } from "../../../src/run/random.ts";
import { trainedClip } from "../trained.ts";

const engine = onnxEngine({ threads: 1 });

const N = 60;
const stream = random(4, "images");
/** Noise whose colour tells the class. */
const labels = Int32Array.from({ length: N }, (_, i) => i % 3);
const images = Array.from(labels, (label) => ({
  width: 32,
  height: 32,
  data: Uint8Array.from(
    { length: 32 * 32 * 3 },
    (_, i) => Math.floor(stream.uniform(0, 160)) + (i % 3 === label ? 80 : 0),
  ),
}));
const TEXTS = ["a photo of a cat", "a dog", "something else, and rather longer"];

async function embedImages(model: ClipModel) {
  const encoder = await clipImages(engine, model, N);
  const { x, d } = await encoder.embed(
    images.map((image) => resizeAndCrop(image, model.imageProcessor)),
  );
  await encoder.dispose();
  return { x, n: N, d };
}
const folded = (model: ClipModel, tower: "image" | "text", map: AffineMap): ClipModel => ({
  ...model,
  weights: foldMap(model.weights, tower, map),
});
const linear = (map: AffineMap): AffineMap => ({ ...map, bias: map.bias.map(() => 0) });

/** The largest difference as a share of the largest value. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  const values = Array.from(b, Math.abs);
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!))) / Math.max(...values);
}
/** Largest distance between class means, as a share of the length of a row. */
function meansApart(x: ArrayLike<number>, d: number): number {
  const means = [0, 1, 2].map((label) =>
    Array.from({ length: d }, (_, column) => {
      const rows = Array.from(labels.keys()).filter((row) => labels[row] === label);
      return rows.reduce((sum, row) => sum + x[row * d + column]!, 0) / rows.length;
    }),
  );
  const distance = (a: number[], b: number[]) => Math.hypot(...a.map((v, i) => v - b[i]!));
  const length = Math.hypot(...Array.from({ length: d }, (_, i) => x[i]!));
  return Math.max(distance(means[0]!, means[1]!), distance(means[0]!, means[2]!)) / length;
}

test("a projection fitted on unit embeddings folds exactly", async () => {
  const model = await trainedClip();
  const unit = unitRows(await embedImages(model));
  const eraser = erasers["mean-difference"].fit({ ...unit, labels }, { centred: false });
  const expected = unitRows(apply(eraser, unit));
  const now = unitRows(await embedImages(folded(model, "image", toAffine(eraser))));
  expect(apart(now.x, expected.x)).toBeLessThan(2e-5);
  expect(apart(unit.x, expected.x)).toBeGreaterThan(0.01);
});

describe("an eraser with a constant", () => {
  test("fitted on raw embeddings folds exactly", async () => {
    const model = await trainedClip();
    const raw = await embedImages(model);
    const eraser = erasers.leace.fit({ ...raw, labels });
    const map = toAffine(eraser);
    expect(Math.max(...map.bias.map(Math.abs))).toBeGreaterThan(0.1);
    const now = await embedImages(folded(model, "image", map));
    expect(apart(now.x, apply(eraser, raw).x)).toBeLessThan(5e-5);
    expect(meansApart(raw.x, raw.d)).toBeGreaterThan(0.05);
    expect(meansApart(now.x, raw.d)).toBeLessThan(1e-4);
  });

  test("on the text side, too", async () => {
    const model = await trainedClip();
    const { x, d } = await clipTexts(engine, model, TEXTS);
    const map = {
      matrix: toAffineEach([], d).matrix.map((value, i) => (i === 0 ? 0 : value)),
      bias: Float64Array.from({ length: d }, (_, i) => i / d),
    };
    const expected = x.map((value, i) => (i % d === 0 ? 0 : value) + (i % d) / d);
    const now = await clipTexts(engine, folded(model, "text", map), TEXTS);
    expect(apart(now.x, expected)).toBeLessThan(5e-5);
  });

  test("its linear part leaves class means equal, all of them shifted", async () => {
    const model = await trainedClip();
    const unit = unitRows(await embedImages(model));
    const eraser = erasers.leace.fit({ ...unit, labels });
    const map = linear(toAffine(eraser));
    const moved = (x: ArrayLike<number>): number[] =>
      Array.from({ length: x.length }, (_, at) => {
        const [row, i] = [Math.floor(at / unit.d), at % unit.d];
        let sum = 0;
        for (let j = 0; j < unit.d; j++) sum += map.matrix[i * unit.d + j]! * x[row * unit.d + j]!;
        return sum;
      });
    expect(meansApart(unit.x, unit.d)).toBeGreaterThan(0.01);
    expect(meansApart(moved(unit.x), unit.d)).toBeLessThan(1e-6);
    const now = unitRows(await embedImages(folded(model, "image", map)));
    expect(apart(now.x, unitRows({ ...unit, x: Float64Array.from(moved(unit.x)) }).x)).toBeLessThan(
      5e-5,
    );
  });

  const broken = async (change: (name: string, data: Float32Array) => Float32Array) => {
    const model = await trainedClip();
    const norm = "vision_model.post_layernorm";
    const weights = new Map(model.weights);
    for (const part of ["weight", "bias"]) {
      const { shape, data } = weights.get(`${norm}.${part}`)!;
      weights.set(`${norm}.${part}`, { shape, data: change(part, data) });
    }
    const map = { matrix: toAffineEach([], 32).matrix, bias: new Float64Array(32).fill(1) };
    return () => foldMap(weights, "image", map);
  };
  test("is refused where the layer norm has no shift to make it of", async () => {
    const none = await broken((part, data) => (part === "bias" ? data.map(() => 0) : data));
    expect(none).toThrow("sum of the layer norm's shift / gain, which is 0.00");
    const tiny = await broken((part, data) =>
      part === "bias" ? data.map((_, i) => (i % 2 ? 1 : -1)) : data.map(() => 1),
    );
    expect(tiny).toThrow("32-bit floats would lose more");
  });
  test("is refused where a gain is zero", async () => {
    const dead = await broken((part, data) => (part === "weight" ? data.with(7, 0) : data));
    expect(dead).toThrow(
      "vision_model.post_layernorm: an eraser with a constant needs every gain of the layer norm, and number 7 is 0",
    );
  });
});

test("several maps are one, and only the projection changes", async () => {
  const model = await trainedClip();
  const raw = await embedImages(model);
  const first: Eraser = erasers.leace.fit({ ...raw, labels });
  const rest = apply(first, raw);
  const other = labels.map((_, i) => i % 2);
  const second = erasers.leace.fit({ ...rest, labels: other });
  const map = toAffineEach([first, second], raw.d);
  const after = folded(model, "image", map);
  expect(apart((await embedImages(after)).x, apply(second, rest).x)).toBeLessThan(1e-4);
  for (const [name, weight] of model.weights)
    if (name === "visual_projection.weight") expect(after.weights.get(name)).not.toEqual(weight);
    else expect(after.weights.get(name)).toBe(weight);
});

test("a map of another size", async () => {
  const model = await loadClip("preset:tiny");
  expect(() => foldMap(model.weights, "text", toAffineEach([], 5))).toThrow(
    "text_projection.weight: the model's embeddings have 32 numbers, the eraser was fitted on 5",
  );
});
