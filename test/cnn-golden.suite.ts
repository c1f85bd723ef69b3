/** @file Convolution, pooling, batch norm and losses on any engine: what PyTorch says of them. */
import { describe, expect, test } from "vitest";
import type { Engine } from "../src/engine/engine.ts";
import { grad } from "../src/graph/autodiff.ts";
import * as g from "../src/graph/build.ts";
import { type Node, showShape, sizeOf } from "../src/graph/node.ts";
import type { CnnConfig } from "../src/model/cnn/config.ts";
import { classLogits, cnnGraph, numberOf, penalty } from "../src/model/cnn/graph.ts";
import * as layer from "../src/model/cnn/layers.ts";
import { cnnParams } from "../src/model/cnn/params.ts";
import { crossEntropy } from "../src/train/losses.ts";
import { classTargets } from "../src/train/targets.ts";
import { createOptimizer } from "../src/train/update/optimizer.ts";
import { type Entry, cnnGolden, tensorOf } from "./golden/cnn.ts";
import { expectClose, paramNodes, run } from "./model/clip/tiny.ts";

/** Compares a function's result and gradients with an entry. */
async function expectEntry(
  engine: Engine,
  { inputs, y, dy, gradients }: Entry,
  build: (inputs: Readonly<Record<string, Node>>) => Node,
  tolerance: number,
): Promise<void> {
  const params = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, g.param(name, shape)]),
  );
  const result = build(params);
  const loss = g.sum(g.mul(result, g.constant(dy.data, dy.shape)));
  const slopes = grad(loss, Object.values(params));
  const outputs = {
    result,
    ...Object.fromEntries(Object.keys(params).map((name, i) => [`d.${name}`, slopes[i]!])),
  };
  const feeds = Object.entries(inputs).map(([name, value]) => [name, tensorOf(value)] as const);
  const actual = await run(engine, outputs, new Map(feeds), {});
  expectClose(actual["result"], tensorOf(y), tolerance, "y");
  for (const [name, want] of Object.entries(gradients))
    expectClose(actual[`d.${name}`], tensorOf(want), tolerance, `d.${name}`);
}

/** make_cnn.py's. @param l2 penalty of the second convolution */
const twoHeads = (l2: number): CnnConfig => ({
  architecture: "golden",
  input: { size: 8, channels: 3 },
  init: "pytorch",
  compat: [],
  trunk: [
    layer.conv("conv1", 3, 3, { padding: 1, bias: false }),
    { ...layer.batchNorm("bn1"), eps: 1e-3 },
    layer.relu("relu1"),
    layer.maxPool("pool"),
    layer.conv("conv2", 4, 3, { stride: 2, padding: 1, l2 }),
    layer.relu("relu2"),
    layer.flatten("flat"),
  ],
  heads: {
    kind: { layers: [layer.dense("kind", 3)], output: "softmax", number: null },
    age: { layers: [layer.dense("age", 1)], output: "linear", number: { code: "divided", by: 1 } },
  },
});

/** @param tolerance of numbers around 1 to 100, absolute */
export function runCnnGoldenSuite(engine: Engine, tolerance: number): void {
  const { conv2d, pools, batchNorm, losses, torch } = cnnGolden;
  describe(`${engine.name}: PyTorch ${torch} on convolutional networks`, () => {
    test.each(
      conv2d.map((entry) => ({
        title: `${showShape(entry.inputs["x"]!.shape)} by ${showShape(entry.inputs["w"]!.shape)}`,
        entry,
      })),
    )("conv2d: $title", ({ entry }) =>
      expectEntry(
        engine,
        entry,
        ({ x, w, bias }) => g.conv2d(x!, w!, bias!, entry.attrs),
        tolerance,
      ),
    );

    test.each(pools)("$kind of $attrs.kernel.0 x $attrs.kernel.1", (entry) => {
      const pool = { max: g.maxPool, mean: g.avgPool }[entry.kind];
      return expectEntry(engine, entry, ({ x }) => pool(x!, entry.attrs), tolerance);
    });

    test.each(batchNorm)("batch norm, training: $training, eps $eps", async (entry) => {
      const { training, eps, momentum, running, after } = entry;
      const known = { mean: tensorOf(running["mean"]!), variance: tensorOf(running["variance"]!) };
      const fixed = (of: keyof typeof known): Node =>
        g.constant([...known[of].data], known[of].shape);
      const momentsOf = (x: Node) =>
        training ? g.momentsOf(x) : { mean: fixed("mean"), variance: fixed("variance") };
      await expectEntry(
        engine,
        entry,
        ({ x, gamma, beta }) => g.batchNorm(x!, momentsOf(x!), gamma!, beta!, eps),
        tolerance,
      );
      if (!training) return;
      const input = tensorOf(entry.inputs["x"]!);
      const x = g.input("x", input.shape);
      const { mean, variance } = g.momentsOf(x);
      const count = sizeOf(x.shape) / x.shape[1]!;
      const next = (of: keyof typeof known, now: Node): Node =>
        g.add(g.mul(fixed(of), 1 - momentum), g.mul(now, momentum));
      const outputs = {
        mean: next("mean", mean),
        variance: next("variance", g.mul(variance, count / (count - 1))),
      };
      const actual = await run(engine, outputs, new Map(), { x: input });
      for (const of of ["mean", "variance"] as const)
        expectClose(actual[of], tensorOf(after[of]!), tolerance, of);
    });

    const numbers = g.constant(losses.numbers.data, losses.numbers.shape);
    const classes = (labels: readonly number[], count: number): Node =>
      g.constant([...classTargets(Int32Array.from(labels), count)], [labels.length, count]);
    const builds: Readonly<Record<string, (inputs: Readonly<Record<string, Node>>) => Node>> = {
      mse: ({ values }) => {
        const difference = g.sub(values!, numbers);
        return g.mean(g.mul(difference, difference));
      },
      l1: ({ values }) => g.mean(g.abs(g.sub(values!, numbers))),
      bce: ({ z }) => {
        const column = g.reshape(z!, [losses.yes.length, 1]);
        const logits = g.concat([g.constant(0, column.shape), column], 1);
        return crossEntropy(logits, classes(losses.yes, 2), g.constant(1, [losses.yes.length]));
      },
      crossEntropy: ({ logits }) =>
        crossEntropy(logits!, classes(losses.classes, 3), g.constant(1, [losses.classes.length])),
    };
    test.each(["adam", "sgd"] as const)(
      "three steps of %s with two heads and penalties",
      async (name) => {
        const { options, penalty: l2, start, steps, eval: after } = cnnGolden.training[name];
        const net = twoHeads(l2);
        const param = paramNodes(Object.entries(start));
        const own = (data: readonly number[]) =>
          engine.precision === "float64" ? Float64Array.from(data) : Float32Array.from(data);
        const values = new Map(
          Object.entries(start).map(([key, { shape, data }]) => [key, { shape, data: own(data) }]),
        );
        const params = new Map(cnnParams(net).map((spec) => [spec.name, values.get(spec.name)!]));
        const rule = { weightDecay: l2, decay: "matrices" } as const;
        const optimizer = createOptimizer(
          name === "adam"
            ? { name, beta1: 0.9, beta2: 0.999, eps: 1e-8, ...rule }
            : { name, momentum: 0.9, nesterov: false, ...rule },
          params,
        );

        const pixels = g.input("pixels", steps[0]!.pixels.shape);
        const rows = pixels.shape[0]!;
        const mask = () => expect.unreachable("nothing drops out");
        const { outputs, state } = cnnGraph(net, param, pixels, { kind: "train", mask });
        const kinds = g.input("kinds", [rows, 3]);
        const error = g.sub(numberOf(net.heads["age"]!, outputs["age"]!), g.input("ages", [rows]));
        const loss = [
          crossEntropy(
            classLogits(net.heads["kind"]!, outputs["kind"]!),
            kinds,
            g.constant(1, [rows]),
          ),
          g.mul(g.mean(g.mul(error, error)), 0.5),
          penalty(net, param)!,
        ].reduce(g.add);
        const slopes = grad(loss, [...params.keys()].map(param));
        const gradients = [...params.keys()].map((key, i): [string, Node] => [
          `d.${key}`,
          slopes[i]!,
        ]);
        const program = await engine.compile({ loss, ...state, ...Object.fromEntries(gradients) });
        for (const [at, step] of steps.entries()) {
          const found = await program.run({
            ...Object.fromEntries(values),
            pixels: tensorOf(step.pixels),
            kinds: { shape: kinds.shape, data: classTargets(step.kinds, 3) },
            ages: tensorOf(step.ages),
          });
          expect(Math.abs(found["loss"]!.data[0]! - step.loss)).toBeLessThan(tolerance);
          for (const [key, want] of Object.entries(step.gradients))
            expectClose(found[`d.${key}`], tensorOf(want), tolerance, `step ${at}, d.${key}`);
          for (const key of Object.keys(state)) values.get(key)!.data.set(found[key]!.data);
          optimizer.update(
            new Map(
              [...params.keys()].map((key) => [key, found[`d.${key}`]!.data as Float32Array]),
            ),
            options.lr,
          );
          for (const [key, want] of Object.entries(step.after))
            expectClose(values.get(key), tensorOf(want), tolerance, `step ${at}, ${key}`);
        }
        await program.dispose();

        const shown = g.input("pixels", after.pixels.shape);
        const told = cnnGraph(net, param, shown, { kind: "eval" }).outputs;
        const actual = await run(engine, told, values, { pixels: tensorOf(after.pixels) });
        expectClose(actual["kind"], tensorOf(after.kind), tolerance, "kind");
        expectClose(actual["age"], tensorOf(after.age), tolerance, "age");
      },
    );

    test.each(Object.keys(builds))("loss: %s", async (name) => {
      const entry = losses[name as "mse"];
      await expectEntry(engine, entry, builds[name]!, tolerance);
      expect(entry.y.shape).toEqual([]);
    });
  });
}
