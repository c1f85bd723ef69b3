/** @file What every backend of TensorFlow.js must pass: the suites of all engines, and that no tensor is left behind. */
import { memory } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { Engine, Tensor } from "../../src/engine/engine.ts";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import { type Shape, sizeOf } from "../../src/graph/node.ts";
import { random } from "../../src/run/random.ts";
import { runCnnGoldenSuite } from "../cnn-golden.suite.ts";
import { runEngineSuite } from "../engine.suite.ts";
import { runGoldenSuite } from "../golden.suite.ts";
import { FLOAT32 } from "../model/clip/tiny.ts";
import { runTrainingSuite } from "../training.suite.ts";
import { block } from "./block.ts";

/** Tensors of all backends of this process, and their bytes. */
const held = (): readonly number[] => {
  const { numTensors, numDataBuffers, numBytes } = memory();
  return [numTensors, numDataBuffers, numBytes];
};
const normals = (shape: Shape, seed: string): Tensor => {
  const stream = random(1, seed);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => stream.normal()) };
};

export function runTfjsSuite(engine: Engine): void {
  runEngineSuite(engine, 5e-6);
  runGoldenSuite(engine, FLOAT32);
  runCnnGoldenSuite(engine, 1e-4);
  // plain JavaScript takes a minute for it
  if (engine.name !== "tfjs-cpu") runTrainingSuite(engine, 1e-4);

  describe(`${engine.name}: memory`, () => {
    test("200 steps of training leave no tensor behind", async () => {
      const before = held();
      const { outputs, feeds } = block(5, 3, 16, 2);
      const { x, ...weights } = feeds;
      const names = Object.keys(weights);
      const params = new Map(names.map((name) => [name, g.param(name, weights[name]!.shape)]));
      const steps = names.map((name): [string, g.Operand] => [
        name,
        g.sub(params.get(name)!, g.mul(g.param(`d.${name}`, weights[name]!.shape), 0.01)),
      ]);
      const store = await engine.store({
        ...Object.fromEntries(names.map((name) => [name, copy(weights[name]!)])),
        ...Object.fromEntries(names.map((name) => [`d.${name}`, copy(weights[name]!)])),
      });
      const backward = await engine.compile(outputs, store);
      const update = await engine.compile(Object.fromEntries(steps) as typeof outputs, store);
      const kept = held();
      const losses: number[] = [];
      for (let i = 0; i < 200; i++) {
        losses.push((await backward.run({ x: x! }))["loss"]!.data[0]!);
        expect(await update.run({})).toEqual({});
        expect(held()).toEqual(kept);
      }
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
      await backward.dispose();
      await update.dispose();
      await store.dispose();
      expect(held()).toEqual(before);
    });

    test("nor does a run that fails in the middle, and its store says what it has lost", async () => {
      const before = held();
      const a = g.param("a", [1, 1]);
      const double = g.reshape(g.mul(a, 2), [1, 1, 1]);
      const huge = g.sum(g.exp(g.broadcast(double, [2 ** 30, 2 ** 30, 2 ** 4])));
      const values = (): Tensor => ({ shape: [1, 1], data: Float32Array.of(1) });
      const store = await engine.store({ a: values(), b: values() });
      const kept = held();
      const failing = await engine.compile({ b: g.reshape(huge, [1, 1]), rate: g.sum(a) }, store);
      await expect(failing.run({})).rejects.toThrow(`${engine.name}: Tile failed: `);
      await failing.dispose();
      expect(held()).toEqual(kept);
      expect((await store.read(["b"]))["b"]!.data).toEqual(Float32Array.of(1));

      const replacing = await engine.compile({ a: g.reshape(huge, [1, 1]) }, store);
      await expect(replacing.run({})).rejects.toThrow(`${engine.name}: Tile failed: `);
      await expect(store.read(["a"])).rejects.toThrow(
        'store: "a" was lost in a run that failed; go on from the last checkpoint',
      );
      await replacing.dispose();
      await store.dispose();
      expect(held()).toEqual(before);
    });

    test("a store has memory of its own, whatever is fed", async () => {
      const before = held();
      const x = g.input("x", [2, 3]);
      const store = await engine.store({ kept: normals([3, 2], "kept") });
      const views = [
        g.reshape(x, [3, 2]),
        g.reshape(g.slice(g.reshape(x, [1, 6]), 0, 0, 1), [3, 2]),
        g.reshape(g.transpose(g.reshape(x, [1, 6]), [1, 0]), [3, 2]),
      ];
      for (const kept of views) {
        const program = await engine.compile({ kept }, store);
        const data = Float32Array.of(1, 2, 3, 4, 5, 6);
        await program.run({ x: { shape: [2, 3], data } });
        data.fill(0);
        const got = await store.read(["kept"]);
        expect([...got["kept"]!.data]).toEqual([1, 2, 3, 4, 5, 6]);
        got["kept"]!.data.fill(0);
        expect([...(await store.read(["kept"]))["kept"]!.data]).toEqual([1, 2, 3, 4, 5, 6]);
        const data2 = Float32Array.of(6, 5, 4, 3, 2, 1);
        await store.write({ kept: { shape: [3, 2], data: data2 } });
        data2.fill(0);
        expect([...(await store.read(["kept"]))["kept"]!.data]).toEqual([6, 5, 4, 3, 2, 1]);
        await program.dispose();
      }
      await store.dispose();
      expect(held()).toEqual(before);
    });

    test("a tensor is returned as it was before the run that replaces it", async () => {
      const w = g.param("w", [2]);
      const store = await engine.store({ w: { shape: [2], data: Float32Array.of(1, 2) } });
      const program = await engine.compile({ w: g.mul(w, 3), old: w }, store);
      expect([...(await program.run({}))["old"]!.data]).toEqual([1, 2]);
      expect([...(await program.run({}))["old"]!.data]).toEqual([3, 6]);
      await program.dispose();
      await store.dispose();
    });
  });

  test(`${engine.name}: rows added under equal ids give the same bits every time`, async () => {
    const [rows, width, names] = [50, 64, 1024];
    const table = g.param("table", [rows, width]);
    const ids = g.input("ids", [names], "int");
    const picked = g.mul(g.gather(table, ids), g.input("x", [names, width]));
    const [sum] = grad(g.sum(picked), [table]);
    const program = await engine.compile({ sum: sum! });
    const stream = random(1, "rows");
    const feeds = {
      table: normals([rows, width], "table"),
      x: normals([names, width], "x"),
      ids: { shape: [names], data: Int32Array.from({ length: names }, () => stream.int(rows)) },
    };
    const first = await program.run(feeds);
    for (let i = 0; i < 20; i++) expect(await program.run(feeds)).toEqual(first);
    await program.dispose();
  });
}

const copy = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.slice() });
