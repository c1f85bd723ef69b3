/** @file What a classifier says of rows does not depend on the batch they are in. */
import { beforeAll, expect, test } from "vitest";
import type { PixelStore } from "../../src/data/pixels.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import type { ClipModel } from "../../src/model/folder.ts";
import { random } from "../../src/run/random.ts";
import { probabilities } from "../../src/train/classifier.ts";
import { createEncoder } from "../../src/train/encoder.ts";
import { createTowers } from "../../src/train/network.ts";
import { promptTexts } from "../../src/train/prompts.ts";
import { apart } from "../engine/apart.ts";
import { configOf, drawFaces, storeOf, task, tinyModel } from "./faces.ts";

let model: ClipModel;
let store: PixelStore;
beforeAll(async () => {
  model = await tinyModel();
  store = await storeOf((await drawFaces()).validation, model, configOf());
});

/** Unit embeddings and probabilities of rows in this order. */
async function classify(order: readonly number[], batchSize: number) {
  const towers = createTowers(model.config, model.weights);
  const texts = promptTexts(model, configOf().prompts, task);
  const encoder = await createEncoder(onnxEngine(), towers, texts, batchSize);
  const embeddings = await encoder.images(order, (rows) => store.batch(rows, null));
  const scores = probabilities(await encoder.classifier(), embeddings);
  await encoder.dispose();
  return { embeddings, scores };
}

test.each([1, 2, 7, 64])("batches of %i give the bits of one batch, in any order", async (size) => {
  const rows = [...store.rows.keys()];
  const whole = await classify(rows, rows.length);
  const order = random("order", size).shuffle([...rows]);
  const other = await classify(order, size);
  const [D, C] = [model.config.projectionDim, task.classes.length];
  for (const [place, row] of order.entries()) {
    expect(other.embeddings.subarray(place * D, (place + 1) * D)).toEqual(
      whole.embeddings.subarray(row * D, (row + 1) * D),
    );
    expect(other.scores.subarray(place * C, (place + 1) * C)).toEqual(
      whole.scores.subarray(row * C, (row + 1) * C),
    );
  }
});

test("a batch that memory cannot hold is refused before it is tried", async () => {
  await expect(classify([0], 1e8)).rejects.toThrow(
    /^evaluate\.batchSize: a batch of 100000000 takes \d+ MiB and more, .* are free; lower it$/,
  );
});

test.each([onnxEngine(), apart])(
  "$name: weights that change are seen by the next call",
  async (engine) => {
    const towers = createTowers(model.config, model.weights);
    const texts = promptTexts(model, configOf().prompts, task);
    const rows = [0, 1, 2];
    const pixels = (of: readonly number[]) => store.batch(of, null);
    const encoder = await createEncoder(engine, towers, texts, 2);
    const [images, classifier] = [await encoder.images(rows, pixels), await encoder.classifier()];
    expect(await encoder.images(rows, pixels)).toEqual(images);
    for (const name of ["visual_projection.weight", "text_projection.weight"])
      towers.weights.get(name)!.data.forEach((value, i, data) => (data[i] = -value));
    expect(await encoder.images(rows, pixels)).toEqual(images.map((value) => -value));
    const { weight } = await encoder.classifier();
    expect(weight).toEqual(classifier.weight.map((value) => -value));
    await encoder.dispose();
  },
);
