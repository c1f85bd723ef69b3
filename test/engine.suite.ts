/** @file What every engine must pass: each op's value and gradient, feeding, in-place results, and learning. */
import { describe, expect, test } from "vitest";
import type { Engine, Tensor, Tensors } from "../src/engine/engine.ts";
import { reference } from "../src/engine/reference.ts";
import { grad } from "../src/graph/autodiff.ts";
import * as g from "../src/graph/build.ts";
import { type Node, type OpName, type Shape, sizeOf } from "../src/graph/node.ts";
import { verify } from "../src/graph/verify.ts";
import { centralDifferences } from "./central-differences.ts";
import { cases, type Case, ROWS } from "./engine.cases.ts";

/** Values in [-1.5, 1.5) that differ by name and position and are the same on every machine. */
const wave = (name: string, shape: Shape): Tensor => {
  const phase = [...name].reduce((sum, c) => sum * 31 + c.codePointAt(0)!, 7) % 1000;
  const value = (_v: unknown, i: number): number => {
    const x = Math.sin(phase + i * 12.9898) * 43758.5453;
    return Math.fround(3 * (x - Math.floor(x)) - 1.5);
  };
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, value) };
};
const rowNumbers = (shape: Shape): Tensor => ({
  shape,
  data: Int32Array.from({ length: sizeOf(shape) }, (_v, i) => (i * i + 1) % ROWS),
});
const feedsFor = (outputs: Readonly<Record<string, Node>>): Record<string, Tensor> =>
  Object.fromEntries(
    Array.from(verify(outputs).feeds, ([name, { dtype, shape }]) => [
      name,
      dtype === "int" ? rowNumbers(shape) : wave(name, shape),
    ]),
  );
const double = (tensor: Tensor): Tensor => ({ ...tensor, data: Float64Array.from(tensor.data) });

async function evaluate(engine: Engine, outputs: Readonly<Record<string, Node>>, feeds: Tensors) {
  const program = await engine.compile(outputs);
  const results = await program.run(feeds);
  await program.dispose();
  return results;
}

/** Largest difference, as a share of the largest wanted value (or of 1, when that is smaller). */
const distance = (got: Tensor, want: Tensor): number => {
  expect(got.shape).toEqual(want.shape);
  const a = [...got.data];
  const b = [...want.data];
  expect(a.length).toBe(b.length);
  const scale = Math.max(1, ...b.map(Math.abs));
  return Math.max(...b.map((v, i) => Math.abs(a[i]! - v) / scale)); // NaN if either is
};

/** A scalar that weights every element of the output differently, and its gradient by each param. */
function differentiated({ params, output }: Case): Record<string, Node> {
  const weights = wave("weights", output.shape).data;
  const loss = g.sum(g.mul(output, g.constant([...weights], output.shape)));
  const gradients = grad(loss, params).map((d, i): [string, Node] => [`d.p${i}`, d]);
  return { loss, output, ...Object.fromEntries(gradients) };
}

const everyCase = (Object.keys(cases) as OpName[]).flatMap((op) =>
  cases[op].map((c) => ({ title: `${op}: ${c.name}`, c })),
);

/** The gradients that the other engines are measured by, against slopes of the loss itself. */
export function runGradientSuite(tolerance: number): void {
  describe("gradients equal central differences in float64", () => {
    test.each(everyCase)("$title", async ({ c }) => {
      const outputs = differentiated(c);
      const feeds = Object.fromEntries(
        Object.entries(feedsFor(outputs)).map(([name, t]) => [
          name,
          t.data instanceof Int32Array ? t : double(t),
        ]),
      );
      const results = await evaluate(reference, outputs, feeds);
      for (const i of c.params.keys()) {
        const want = await centralDifferences(outputs["loss"]!, `p${i}`, feeds);
        expect(distance(results[`d.p${i}`]!, want)).toBeLessThan(tolerance);
      }
    });
  });
}

/** Runs on any engine. `tolerance` is relative to the largest value of a result. */
export function runEngineSuite(engine: Engine, tolerance: number): void {
  describe(engine.name, () => {
    test.each(everyCase)("$title: value and gradients", async ({ c }) => {
      const outputs = differentiated(c);
      const feeds = feedsFor(outputs);
      const [got, want] = await Promise.all([
        evaluate(engine, outputs, feeds),
        evaluate(reference, outputs, feeds),
      ]);
      expect(Object.keys(got)).toEqual(Object.keys(outputs));
      for (const name of Object.keys(outputs))
        expect(distance(got[name]!, want[name]!), name).toBeLessThan(tolerance);
    });

    const x = g.input("x", [6, 4]);
    const w = g.param("w", [3, 4]);
    const b = g.param("b", [3]);
    const target = g.input("target", [6, 3]);
    const fit = g.softmax(g.quickGelu(g.linear(x, w, b)));
    const difference = g.sub(fit, target);
    const loss = g.mean(g.mul(difference, difference));
    const [dw, db] = grad(loss, [w, b]);
    const trained = {
      loss,
      w: g.sub(w, g.mul(dw!, 0.5)),
      b: g.sub(b, g.mul(db!, 0.5)),
    };
    const feeds = feedsFor(trained);

    test("ten steps of gradient descent lower a loss every time", async () => {
      const program = await engine.compile(trained);
      let state: Tensors = feeds;
      const losses: number[] = [];
      for (let i = 0; i < 10; i++) {
        const { loss: value, ...weights } = await program.run(state);
        losses.push(value!.data[0]!);
        state = { ...state, ...weights };
      }
      await program.dispose();
      expect(losses).toEqual(losses.toSorted((p, q) => q - p));
      expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.99);
    });

    test("the same feeds give the same bits", async () => {
      const program = await engine.compile(trained);
      const first = await program.run(feeds);
      for (let i = 0; i < 20; i++) expect(await program.run(feeds)).toEqual(first);
      await program.dispose();
    });

    test("results go into given buffers, run after run", async () => {
      const program = await engine.compile(trained);
      const into = { w: { shape: w.shape, data: new Float32Array(12) } };
      const { data } = into.w;
      const first = await program.run(feeds, into);
      expect(first["w"]!.data).toBe(data);
      const kept = data.slice();
      expect(kept).toEqual(Float32Array.from((await program.run(feeds))["w"]!.data));
      await program.run({ ...feeds, w: wave("other", w.shape) }, into);
      expect(data).not.toEqual(kept);
      await program.run(feeds, into);
      expect(data).toEqual(kept);
      await program.dispose();
    });

    test("a feed changed in place is read anew", async () => {
      const program = await engine.compile({ y: g.mul(b, 2) });
      const data = Float32Array.of(1, 2, 3);
      expect([...(await program.run({ b: { shape: [3], data } }))["y"]!.data]).toEqual([2, 4, 6]);
      data.set([5, 6, 7]);
      expect([...(await program.run({ b: { shape: [3], data } }))["y"]!.data]).toEqual([
        10, 12, 14,
      ]);
      await program.dispose();
    });

    test("a store keeps tensors from run to run and from program to program", async () => {
      const values = (name: string): Tensor => ({
        ...feeds[name]!,
        data: feeds[name]!.data.slice(),
      });
      const store = await engine.store({ w: values("w"), b: values("b") });
      expect([...store.shapes]).toEqual([
        ["w", [3, 4]],
        ["b", [3]],
      ]);
      const { w: _w, b: _b, ...given } = feeds;
      const step = await engine.compile(trained, store);
      const losses: number[] = [];
      for (let i = 0; i < 5; i++) {
        const results = await step.run(given);
        expect(Object.keys(results)).toEqual(["loss"]);
        losses.push(results["loss"]!.data[0]!);
      }
      expect(losses).toEqual(losses.toSorted((p, q) => q - p));

      const other = await engine.compile({ twice: g.mul(b, 2) }, store);
      const kept = await store.read(["b"]);
      const { twice } = await other.run({});
      expect([...twice!.data]).toEqual([...kept["b"]!.data].map((v) => v * 2));
      // a feed of its own goes before the store's value
      const fed = await other.run({ b: { shape: [3], data: Float32Array.of(1, 2, 3) } });
      expect([...fed["twice"]!.data]).toEqual([2, 4, 6]);

      await store.write({ w: values("w"), b: values("b") });
      expect((await step.run(given))["loss"]!.data[0]).toBe(losses[0]);
      await expect(store.write({ c: values("b") })).rejects.toThrow(
        'store: no tensor "c" to write; it has w, b',
      );
      await expect(store.write({ b: values("w") })).rejects.toThrow(
        'store: "b": expected [3], received [3, 4]',
      );
      await step.dispose();
      await other.dispose();
      await store.dispose();
    });

    test("one node under two names, and a fed node as a result", async () => {
      const y = g.mul(b, 2);
      const results = await evaluate(engine, { one: y, two: y, b }, feeds);
      expect(results["one"]!.data).toEqual(results["two"]!.data);
      expect([...results["b"]!.data]).toEqual([...feeds["b"]!.data]);
    });

    test("wrong feeds and buffers are named", async () => {
      const program = await engine.compile(trained);
      const message = async (fed: Tensors, into?: Tensors): Promise<string> =>
        program.run(fed, into).then(
          () => "no error",
          (error: Error) => `${error.name}: ${error.message}`,
        );
      const { x: _x, ...less } = feeds;
      expect(await message(less)).toMatchInlineSnapshot(
        `"EquiclipError: run: missing feed "x", float [6, 4]; fed: w, b, target"`,
      );
      expect(await message({ ...feeds, x: wave("x", [4, 6]) })).toMatchInlineSnapshot(
        `"EquiclipError: run: feed "x": expected float [6, 4], received float [4, 6]"`,
      );
      expect(await message({ ...feeds, x: rowNumbers([6, 4]) })).toMatchInlineSnapshot(
        `"EquiclipError: run: feed "x": expected float [6, 4], received int [6, 4]"`,
      );
      expect(
        await message({ ...feeds, x: { shape: [6, 4], data: new Float32Array(3) } }),
      ).toMatchInlineSnapshot(
        `"EquiclipError: run: feed "x": expected 24 values for [6, 4], received 3"`,
      );
      const rows = await engine.compile({ y: g.gather(w, g.input("ids", [2], "int")) });
      const ids = { shape: [2], data: Int32Array.of(1, 3) };
      await expect(rows.run({ ...feeds, ids })).rejects.toThrow(
        'run: feed "ids": expected ids from 0 to 2, received 3 at position 1',
      );
      await rows.dispose();
      expect(await message(feeds, { y: feeds["w"]! })).toMatchInlineSnapshot(
        `"EquiclipError: run: no output "y" to write into; outputs: loss, w, b"`,
      );
      expect(await message(feeds, { w: wave("w", [4, 3]) })).toMatchInlineSnapshot(
        `"EquiclipError: run: buffer for output "w": expected float [3, 4], received float [4, 3]"`,
      );
      expect(await message(feeds, { w: feeds["w"]! })).toMatchInlineSnapshot(
        `"EquiclipError: run: output "w" would overwrite feed "w" while it is read; give it a buffer of its own"`,
      );
      await program.dispose();
    });
  });
}
