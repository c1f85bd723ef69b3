/** @file Several outputs: their sum, their weights, and the classifier that a network becomes above a layer. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Row, Split } from "../../../src/data/row.ts";
import { reference } from "../../../src/engine/reference.ts";
import { input, softmax } from "../../../src/graph/build.ts";
import { classes, number } from "../../../src/model/cnn/architectures.ts";
import { classLogits, cnnGraph, layersBelow } from "../../../src/model/cnn/graph.ts";
import { type CnnOptions, cnnModel } from "../../../src/model/cnn/model.ts";
import { random } from "../../../src/run/random.ts";
import { probabilities } from "../../../src/train/classifier.ts";
import { classifierAbove, cutAt, embedderOf } from "../../../src/train/cnn/classifier.ts";
import { drawMask } from "../../../src/train/cnn/masks.ts";
import { createCnnNetwork } from "../../../src/train/cnn/network.ts";
import { cnnObjective } from "../../../src/train/cnn/objective.ts";
import { learntOutputs } from "../../../src/train/cnn/outputs.ts";
import { openEncoder } from "../../../src/train/encoder.ts";
import { meanCrossEntropy } from "../../../src/train/fairness/term.ts";
import { paramNodes } from "../../../src/train/network.ts";
import { truthOf } from "../../../src/train/predict.ts";
import { createStep } from "../../../src/train/step.ts";
import { drawFaces, engine, task } from "../faces.ts";
import { networkConfig, startOf } from "./faces.ts";

let faces: Record<Split, Row[]>;
beforeAll(async () => {
  faces = await drawFaces();
});
const noise = (count: number, seed: number): Float32Array => {
  const stream = random("pixels", seed);
  return Float32Array.from({ length: count }, () => stream.uniform());
};

const B = 4; // float64 convolutions are slow
const SIZE = 14;
const HEADS = { style: classes(2), tone: classes(4), age: number(100) };

/** The loss of one batch with these weights of the outputs, dropout off by masks of ones. */
async function lossOf(weights: Readonly<Record<string, number>>, loss: "mse" | "mae" = "mse") {
  const model = cnnModel({ architecture: "aghav", size: SIZE, heads: HEADS, seed: 1 });
  const rows = faces.train.slice(0, B);
  const labels = {
    tone: [...new Set(faces.train.map((row) => row.labels["tone"]!))].toSorted(),
    age: null,
  };
  const others = learntOutputs(
    model.config,
    { tone: { weight: weights["tone"]! }, age: { weight: weights["age"]!, loss } },
    "style",
    rows,
    labels,
  );
  const network = createCnnNetwork(model.config, model.weights, { params: [], state: [] }, 0);
  const target = {
    name: "style",
    weight: weights["style"]!,
    classes: 2,
    labels: truthOf(task, rows),
    terms: [meanCrossEntropy],
  };
  const objective = cnnObjective(model.config, target, others, 0);
  const step = await createStep(reference, network, objective, B);
  const drawn = objective.draw!(B, { epoch: 0, batch: 0 });
  for (const { data } of Object.values(drawn)) data.fill(1);
  const value = await step.run({
    rows: [...rows.keys()],
    inputs: noise(B * SIZE * SIZE, 1),
    weights: Float32Array.of(1, 2, 0, 1),
    drawn,
  });
  return { value, gradients: step.gradients };
}

test("the loss is the weighted sum of the outputs' losses", async () => {
  const [style, tone, age] = await Promise.all(
    ["style", "tone", "age"].map(async (name) => {
      const alone = { style: 0, tone: 0, age: 0, [name]: 1 };
      return (await lossOf(alone)).value;
    }),
  );
  const { value } = await lossOf({ style: 1, tone: 0.5, age: 3 });
  expect(value).toBeCloseTo(style! + 0.5 * tone! + 3 * age!, 10);
  const absolute = await lossOf({ style: 0, tone: 0, age: 1 }, "mae");
  expect(absolute.value).toBeGreaterThan(age!); // errors are below 1 here
  expect(age!).toBeGreaterThanOrEqual(absolute.value ** 2); // Jensen
});

test("a loss of weight 0 adds nothing to the gradients of its head; none with a weight is an error", async () => {
  const { gradients } = await lossOf({ style: 1, tone: 0, age: 1 });
  const norm = (name: string) => gradients.get(name)!.reduce((sum, g) => sum + g * g, 0);
  expect(norm("tone.dense1.weight")).toBe(0);
  expect(norm("style.output.weight")).toBeGreaterThan(0);
  expect(norm("conv1.weight")).toBeGreaterThan(0);
  await expect(lossOf({ style: 0, tone: 0, age: 0 })).rejects.toThrow(/every loss has weight 0/);
});

test("a loss that does not suit its output, and an attribute that rows do not have", async () => {
  const config = networkConfig("cnn:small", 'model.outputs={"shoe":{}}');
  await expect(startOf(config, faces.train)).rejects.toThrow(/no row has a label or number "shoe"/);
  const model = cnnModel({ architecture: "aghav", size: SIZE, heads: HEADS });
  const outputs = (loss: "mse" | "cross-entropy", name: string) => () =>
    learntOutputs(model.config, { [name]: { loss, weight: 1 } }, "style", faces.train, {
      tone: ["amber", "jade", "slate", "teal"],
      age: null,
    });
  expect(outputs("mse", "tone")).toThrow(/expected cross-entropy for a label/);
  expect(outputs("cross-entropy", "age")).toThrow(/expected mse or mae for a number/);
});

describe("embeddings of a layer and the classifier above give what the whole network gives", () => {
  const networks: readonly (readonly [string, CnnOptions])[] = [
    ["softmax", { architecture: "small", size: 16, heads: { style: classes(3) } }],
    [
      "sigmoid",
      { architecture: "aghav", size: 16, heads: { style: classes(2), age: number(100) } },
    ],
    [
      "sigmoid-each",
      {
        architecture: "tripathi",
        size: 16,
        heads: { style: classes(2) },
        compat: ["sigmoid-each"],
      },
    ],
    [
      "one neuron",
      {
        architecture: "serawan",
        size: 32,
        heads: { style: classes(2) },
        compat: ["one-neuron-softmax"],
      },
    ],
  ];
  test.each(networks)("%s", async (_name, options) => {
    const { config, weights } = cnnModel({ ...options, seed: 2 });
    const { size, channels } = config.input;
    const shape = [B, channels, size, size];
    const pixels = noise(B * channels * size * size, 2);
    const graph = cnnGraph(config, paramNodes(weights), input("pixels", shape), { kind: "eval" });
    const head = config.heads["style"]!;
    const program = await engine.compile({
      scores: softmax(classLogits(head, graph.outputs["style"]!)),
    });
    const { scores } = await program.run({
      ...Object.fromEntries(weights),
      pixels: { shape, data: pixels },
    });
    const fitting = layersBelow(config, "style").filter((layer) => {
      try {
        return cutAt(config, "style", layer).width > 0;
      } catch {
        return false;
      }
    });
    expect(fitting.length).toBeGreaterThan(0);
    for (const layer of fitting) {
      const cut = cutAt(config, "style", layer);
      const encoder = await openEncoder(
        engine,
        embedderOf(config, weights, cut),
        classifierAbove(config, "style", cut),
        B,
      );
      const x = await encoder.images([0, 1, 2, 3], async () => pixels);
      const got = probabilities(await encoder.classifier(), x);
      got.forEach((p, i) => expect(p, layer).toBeCloseTo(scores!.data[i]!, 4));
      await encoder.dispose();
    }
  });
  test("a layer that convolutions follow, and one that does not exist", () => {
    const { config } = cnnModel({ architecture: "small", size: 16, heads: { style: classes(2) } });
    expect(() => cutAt(config, "style", "pool2")).toThrow(
      /"pool2" is followed by other layers than dense ones; expected one of pool5/,
    );
    const wide = cnnModel({ architecture: "aghav", heads: { style: classes(2) } });
    expect(() => cutAt(wide.config, "style", "flatten")).toThrow(
      /"flatten" has 25088 values, more than 4096; expected one of style.dense1/,
    );
    expect(() => cutAt(config, "style", "pool9")).toThrow(
      /^model.layer: "pool9" is no layer below the last one of style; expected one of pool5$/,
    );
  });
});

describe("dropout masks", () => {
  const mask = { name: "dropout1", shape: [50, 1000], rate: 0.3 };
  test("drop their share, keep the mean, and depend on the place alone", () => {
    const { data } = drawMask(mask, 1, { epoch: 2, batch: 3 });
    const dropped = data.filter((value) => value === 0).length / data.length;
    expect(Math.abs(dropped - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / data.length));
    expect(new Set(data)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    expect(drawMask(mask, 1, { epoch: 2, batch: 3 }).data).toEqual(data);
    for (const other of [
      drawMask(mask, 2, { epoch: 2, batch: 3 }),
      drawMask(mask, 1, { epoch: 3, batch: 3 }),
      drawMask(mask, 1, { epoch: 2, batch: 4 }),
      drawMask({ ...mask, name: "dropout2" }, 1, { epoch: 2, batch: 3 }),
    ]) {
      const equal = other.data.filter((value, i) => value === data[i]).length / data.length;
      expect(Math.abs(equal - (0.3 ** 2 + 0.7 ** 2))).toBeLessThan(0.02); // as of independent ones
    }
  });
});
