/** @file Gradients through whole convolutional networks against slopes of their loss, in float64. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/engine/engine.ts";
import { reference } from "../../src/engine/reference.ts";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import { type Node, type Shape, sizeOf } from "../../src/graph/node.ts";
import type { CnnConfig } from "../../src/model/cnn/config.ts";
import { classLogits, cnnGraph, numberOf } from "../../src/model/cnn/graph.ts";
import * as layer from "../../src/model/cnn/layers.ts";
import { cnnBuffers, cnnParams } from "../../src/model/cnn/params.ts";
import { random } from "../../src/run/random.ts";
import { crossEntropy } from "../../src/train/losses.ts";
import { classTargets } from "../../src/train/targets.ts";
import { centralDifferences } from "../central-differences.ts";

const BATCH = 3;
const { conv, batchNorm, relu, maxPool, dense, residual } = layer;
const same = { padding: 1, bias: false } as const;
const TRUNKS: Readonly<Record<string, CnnConfig["trunk"]>> = {
  "convolution, batch norm, ReLU, pooling, dropout": [
    conv("conv1", 3, 3),
    batchNorm("bn1"),
    relu("relu1"),
    maxPool("pool1", 3, 2, 1),
    conv("conv2", 2, 3, { padding: "same", stride: 2 }),
    relu("relu2"),
    layer.flatten("flat"),
    dense("hidden", 4),
    layer.dropout("dropout", 0.5),
  ],
  "residual blocks, one with a shortcut of its own": [
    conv("stem", 2, 3, same),
    residual(
      "block1",
      [conv("conv1", 2, 3, same), batchNorm("bn1"), relu("relu1"), conv("conv2", 2, 3, same)],
      [],
    ),
    relu("out1"),
    residual(
      "block2",
      [conv("conv3", 3, 3, { ...same, stride: 2 }), batchNorm("bn3")],
      [conv("down", 3, 1, { stride: 2, bias: false }), batchNorm("bn4")],
    ),
    relu("out2"),
    layer.globalAvgPool("pool"),
  ],
  "convolutions by channel and by group, dilated, means of windows": [
    conv("wide", 4, 1),
    conv("depth", 4, 3, { groups: 4, padding: 1 }),
    batchNorm("bn1"),
    relu("relu1"),
    conv("point", 4, 1, { groups: 2 }),
    { kind: "avgPool", name: "mean", kernel: 2, stride: 2, padding: 1 },
    conv("apart", 2, 3, { dilation: 2, padding: 2 }),
    layer.flatten("flat"),
  ],
  "group norms of images and vectors": [
    conv("conv1", 4, 3, same),
    layer.groupNorm("norm1", 2),
    relu("relu1"),
    conv("conv2", 3, 3, same),
    layer.groupNorm("norm2"),
    layer.globalAvgPool("pool"),
    layer.groupNorm("norm3"),
  ],
};
const netOf = (trunk: CnnConfig["trunk"]): CnnConfig => ({
  architecture: "small",
  input: { size: 7, channels: 1 },
  init: "pytorch",
  compat: [],
  trunk,
  heads: {
    kind: { layers: [dense("kind", 3)], output: "softmax", number: null },
    old: { layers: [dense("old", 1)], output: "sigmoid", number: null },
    age: { layers: [dense("age", 1)], output: "relu", number: { code: "divided", by: 1 } },
  },
});

const normals = (shape: Shape, name: string): Tensor => {
  const stream = random(2, name);
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => stream.normal()) };
};
const targets = (labels: readonly number[], classes: number): Node =>
  g.constant([...classTargets(labels, classes)], [labels.length, classes]);

describe.each(Object.entries(TRUNKS))("%s", (_title, trunk) => {
  const net = netOf(trunk);
  const specs = [...cnnParams(net), ...cnnBuffers(net)];
  const nodes = new Map(specs.map(({ name, shape }) => [name, g.param(name, shape)]));
  const param = (name: string): Node => nodes.get(name)!;
  const pixels = g.input("pixels", [BATCH, 1, 7, 7]);
  const values: Record<string, Tensor> = {
    pixels: normals(pixels.shape, "pixels"),
    ...Object.fromEntries(specs.map(({ name, shape }) => [name, normals(shape, name)])),
  };
  for (const { name, shape } of cnnBuffers(net))
    if (name.endsWith("running_var"))
      values[name] = { shape, data: values[name]!.data.map((v) => 0.5 + v * v) as Float64Array };

  test.each(["train", "eval"] as const)("%s", async (kind) => {
    const mask = ({ shape }: { readonly shape: Shape }): Node =>
      g.constant(
        Array.from({ length: sizeOf(shape) }, (_v, i) => (i % 3 === 0 ? 0 : 2)),
        shape,
      );
    const { outputs } = cnnGraph(net, param, pixels, kind === "eval" ? { kind } : { kind, mask });
    const ones = g.constant(1, [BATCH]);
    const logits = (head: string): Node => classLogits(net.heads[head]!, outputs[head]!);
    const error = g.abs(g.sub(numberOf(net.heads["age"]!, outputs["age"]!), 0.3));
    const loss = [
      crossEntropy(logits("kind"), targets([0, 2, 1], 3), ones),
      crossEntropy(logits("old"), targets([1, 0, 1], 2), ones),
      g.mul(g.mean(error), 0.5),
    ].reduce(g.add);
    const names = [...cnnParams(net).map(({ name }) => name), "pixels"];
    const wrt = names.map((name) => (name === "pixels" ? pixels : param(name)));
    const slopes = grad(loss, wrt);
    const program = await reference.compile(
      Object.fromEntries(names.map((name, i) => [name, slopes[i]!])),
    );
    const found = await program.run(values);
    for (const name of names) {
      const want = await centralDifferences(loss, name, values);
      expect(found[name]!.shape).toEqual(want.shape);
      found[name]!.data.forEach((v, i) =>
        expect(Math.abs(v - want.data[i]!), `${name} ${i}`).toBeLessThan(
          1e-6 * (1 + Math.abs(want.data[i]!)),
        ),
      );
    }
  });
});
