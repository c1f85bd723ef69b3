/** @file Convolution, pooling, batch norm and losses on any engine: what PyTorch says of them. */
import { describe, expect, test } from "vitest";
import type { Engine } from "../src/engine/engine.ts";
import { grad } from "../src/graph/autodiff.ts";
import * as g from "../src/graph/build.ts";
import { type Node, showShape, sizeOf } from "../src/graph/node.ts";
import { crossEntropy } from "../src/train/losses.ts";
import { classTargets } from "../src/train/targets.ts";
import { type Entry, cnnGolden, tensorOf } from "./golden/cnn.ts";
import { expectClose, run } from "./model/clip/tiny.ts";

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
    test.each(Object.keys(builds))("loss: %s", async (name) => {
      const entry = losses[name as "mse"];
      await expectEntry(engine, entry, builds[name]!, tolerance);
      expect(entry.y.shape).toEqual([]);
    });
  });
}
