/** @file Networks as graphs: outputs, places between, running statistics, penalties, class logits. */
import { describe, expect, test } from "vitest";
import { grad } from "../../../src/graph/autodiff.ts";
import { input, mean, param, softmax, sum } from "../../../src/graph/build.ts";
import { showShape } from "../../../src/graph/node.ts";
import { ARCHITECTURE_NAMES, classes } from "../../../src/model/cnn/architectures.ts";
import type { Head, Output } from "../../../src/model/cnn/config.ts";
import {
  above,
  classLogits,
  cnnGraph,
  featureSize,
  lastLayerBelow,
  layersBelow,
  numberOf,
  penalty,
} from "../../../src/model/cnn/graph.ts";
import { dense } from "../../../src/model/cnn/layers.ts";
import { cnnConfig, cnnModel } from "../../../src/model/cnn/model.ts";
import { placeCnn } from "../../../src/model/cnn/shapes.ts";
import { UsageError } from "../../../src/run/errors.ts";
import {
  drawnPixels,
  evaluate,
  nodesOf,
  pixelsOf,
  thinModel,
  trainMode,
  twoHeads,
} from "./tiny.ts";

const BATCH = 2;

test.each(ARCHITECTURE_NAMES)("%s: every layer has the shape that was foretold", (architecture) => {
  const config = cnnConfig({ architecture, size: 48 });
  const graph = cnnGraph(config, nodesOf(config), pixelsOf(config, BATCH), { kind: "eval" });
  const { trunk, heads } = placeCnn(config);
  for (const { layer, to } of [trunk, ...Object.values(heads)].flat()) {
    expect(showShape(graph.layer(layer.name).shape), layer.name).toBe(showShape([BATCH, ...to]));
  }
  expect(Object.keys(graph.outputs)).toEqual(Object.keys(config.heads));
});

describe("places between", () => {
  test.each(["serawan", "tripathi", "aghav", "small", "resnet18"])(
    "%s: a network cut anywhere gives what it gives whole",
    async (architecture) => {
      const model = thinModel({ architecture, size: 32, heads: twoHeads }, 64);
      const { config } = model;
      const params = nodesOf(config);
      const pixels = drawnPixels(config, BATCH);
      const graph = cnnGraph(config, params, pixelsOf(config, BATCH), { kind: "eval" });
      const names = layersBelow(config, "gender");
      const { gender, ...features } = await evaluate(
        {
          gender: graph.outputs["gender"]!,
          ...Object.fromEntries(names.map((name) => [name, graph.featuresAt(name)])),
        },
        model,
        { pixels },
      );
      for (const name of names) {
        const size = featureSize(config, "gender", name);
        expect(features[name]).toHaveLength(BATCH * size);
        const vectors = input("vectors", [BATCH, size]);
        const { output } = above(config, params, name, "gender", vectors);
        const found = await evaluate({ output }, model, {
          vectors: { shape: [BATCH, size], data: Float64Array.from(features[name]!) },
        });
        expect(found["output"], name).toEqual(gender);
      }
    },
  );

  test("by default what the last dense layer reads", () => {
    const at = (architecture: string, head = "gender") =>
      lastLayerBelow(cnnConfig({ architecture, size: 64 }), head);
    expect(ARCHITECTURE_NAMES.map((name) => at(name))).toEqual([
      "dropout1",
      "gender.relu2",
      "dropout5",
      "gender.dropout5",
      "gender.relu1",
      "pool5",
      "avgpool",
      "avgpool",
    ]);
    expect(at("aghav", "age")).toBe("age.dropout3");
  });

  test("unknown names are refused with the known ones", () => {
    const config = cnnConfig({ architecture: "small" });
    const params = nodesOf(config);
    const graph = cnnGraph(config, params, pixelsOf(config, 2), { kind: "eval" });
    expect(() => graph.layer("pol5")).toThrow(
      /^cnn:small has no layer "pol5"; did you mean "pool5"\?, expected one of conv1, /,
    );
    const vectors = input("vectors", [2, 256]);
    expect(() => above(config, params, "gender.output", "gender", vectors)).toThrow(UsageError);
    expect(() => layersBelow(config, "race")).toThrow(/no head "race", expected one of gender/);
  });
});

test("images of another shape are refused in one line", () => {
  const config = cnnConfig({ architecture: "small" });
  const pixels = input("pixels", [2, 1, 48, 48]);
  expect(() => cnnGraph(config, nodesOf(config), pixels, { kind: "eval" })).toThrow(
    /^cnn:small: expected images of \[3, 48, 48\], received \[1, 48, 48\]$/,
  );
});

describe("batch norm", () => {
  test("a batch of one has no variance where a channel has one value", () => {
    const config = cnnConfig({ architecture: "small", size: 16 });
    const build = (batch: number) =>
      cnnGraph(config, nodesOf(config), pixelsOf(config, batch), trainMode);
    expect(() => build(1)).toThrow(UsageError);
    expect(() => build(1)).toThrow(/^layer "bn5": a batch of one gives one value per channel/);
    expect(Object.keys(build(2).state)).toHaveLength(10);
    const larger = cnnConfig({ architecture: "small" });
    cnnGraph(larger, nodesOf(larger), pixelsOf(larger, 1), trainMode);
  });

  test("a batch of one works in eval", () => {
    const config = cnnConfig({ architecture: "small", size: 16 });
    const { state } = cnnGraph(config, nodesOf(config), pixelsOf(config, 1), { kind: "eval" });
    expect(state).toEqual({});
  });
});

describe("dropout", () => {
  test("multiplies by the host's masks in training alone", async () => {
    const model = thinModel({ architecture: "aghav", size: 24 }, 32);
    const { config } = model;
    const masks: Record<string, { shape: readonly number[]; rate: number }> = {};
    const training = cnnGraph(config, nodesOf(config), pixelsOf(config, BATCH), {
      kind: "train",
      mask: ({ name, shape, rate }) => {
        masks[name] = { shape, rate };
        return input(`mask:${name}`, shape);
      },
    });
    const flat = cnnGraph(config, nodesOf(config), pixelsOf(config, BATCH), { kind: "eval" });
    expect(Object.keys(masks)).toEqual([
      "dropout1",
      ...[1, 2, 3].map((i) => `age.dropout${i}`),
      ...[1, 2, 3, 4, 5].map((i) => `gender.dropout${i}`),
    ]);
    expect(masks["dropout1"]!.rate).toBe(0.25);
    const feeds = (keep: number) => ({
      pixels: drawnPixels(config, BATCH),
      ...Object.fromEntries(
        Object.entries(masks).map(([name, { shape }]) => [
          `mask:${name}`,
          { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(keep) },
        ]),
      ),
    });
    const ones = await evaluate(training.outputs, model, feeds(1));
    expect(ones).toEqual(await evaluate(flat.outputs, model, feeds(1)));
    const zeros = await evaluate(training.outputs, model, feeds(0));
    const bias = [...model.weights.get("gender.output.bias")!.data];
    expect(zeros["gender"]).toEqual([...bias, ...bias]);
  });
});

test("the penalty is 0.001 times the squares of Tripathi's kernels, and nothing elsewhere", async () => {
  const model = thinModel({ architecture: "tripathi", size: 16 }, 16);
  const { config, weights } = model;
  const expected = [1, 2, 3, 4].reduce(
    (total, i) =>
      total + weights.get(`conv${i}.weight`)!.data.reduce((s, w) => s + w * w, 0) * 0.001,
    0,
  );
  const params = nodesOf(config);
  const added = penalty(config, params)!;
  const kernel = params("conv2.weight");
  const found = await evaluate({ added, slope: grad(added, [kernel])[0]! }, model, {});
  expect(found["added"]![0]).toBeCloseTo(expected, 10);
  expect(found["slope"]).toEqual(
    [...weights.get("conv2.weight")!.data].map((w) => expect.closeTo(0.002 * w, 12)),
  );
  expect(penalty(cnnConfig({ architecture: "ward" }), params)).toBeNull();
});

describe("what a head's last layer means", () => {
  const head = (output: Output, units: number): Head => ({
    layers: [dense("out", units)],
    output,
    number: null,
  });
  const probabilities = async (output: Output, z: readonly (readonly number[])[]) => {
    const node = input("z", [z.length, z[0]!.length]);
    const { p } = await evaluate(
      { p: softmax(classLogits(head(output, z[0]!.length), node)) },
      { weights: new Map() },
      { z: { shape: node.shape, data: Float64Array.from(z.flat()) } },
    );
    return p!;
  };
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  const near = (values: readonly number[]) => values.map((x) => expect.closeTo(x, 12));

  test("softmax and sigmoid", async () => {
    const e = [0.3, -1.2, 2].map(Math.exp);
    const all = e[0]! + e[1]! + e[2]!;
    expect(await probabilities("softmax", [[0.3, -1.2, 2]])).toEqual(near(e.map((x) => x / all)));
    expect(await probabilities("sigmoid", [[0.7], [-300]])).toEqual(
      near([1 - sigmoid(0.7), sigmoid(0.7), 1, 0]),
    );
  });

  test("a sigmoid each is divided by their sum, also where both are tiny", async () => {
    const [a, b] = [sigmoid(2.3), sigmoid(0.69)];
    expect(await probabilities("sigmoid-each", [[2.3, 0.69]])).toEqual(
      near([a / (a + b), b / (a + b)]),
    );
    expect(await probabilities("sigmoid-each", [[-800, -801]])).toEqual(
      near([sigmoid(1), sigmoid(-1)]),
    );
  });

  test("one neuron's softmax is 1 whatever it is, and teaches nothing", async () => {
    expect(await probabilities("one-neuron-softmax", [[-5], [5]])).toEqual(
      near([1e-7, 1 - 1e-7, 1e-7, 1 - 1e-7]),
    );
    const z = param("z", [2, 1]);
    const loss = sum(classLogits(head("one-neuron-softmax", 1), z));
    const { slope } = await evaluate(
      { slope: grad(loss, [z])[0]! },
      { weights: new Map([["z", { shape: [2, 1], data: Float32Array.of(1, 2) }]]) },
      {},
    );
    expect(slope).toEqual([0, 0]);
  });

  test("numbers are as they are, or not below zero", async () => {
    const z = input("z", [2, 1]);
    const number = { code: "divided", by: 1 } as const;
    const found = await evaluate(
      {
        linear: numberOf({ ...head("linear", 1), number }, z),
        relu: numberOf({ ...head("relu", 1), number }, z),
      },
      { weights: new Map() },
      { z: { shape: [2, 1], data: Float32Array.of(-1, 2) } },
    );
    expect(found).toEqual({ linear: [-1, 2], relu: [0, 2] });
    expect(() => classLogits(head("linear", 1), z)).toThrow(/tells a number/);
  });
});

test("gradients reach every parameter", () => {
  const { config } = cnnModel({ architecture: "resnet18", size: 32, heads: { label: classes(3) } });
  const params = nodesOf(config);
  const { outputs } = cnnGraph(config, params, pixelsOf(config, 2), trainMode);
  const weight = params("conv1.weight");
  expect(grad(mean(outputs["label"]!), [weight])[0]!.op).not.toBe("broadcast");
});
