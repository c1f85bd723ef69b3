/** @file What gradients are built, and laws that they obey. Values are checked op by op in the engine suite. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reference } from "../../src/engine/reference.ts";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import { type Node, sameShape, toposort } from "../../src/graph/node.ts";

const x = g.input("x", [2, 3, 4]);
const w = g.param("w", [5, 4]);
const b = g.param("b", [5]);
const opsOf = (nodes: readonly Node[]): string[] => toposort(nodes).map(({ op }) => op);

describe("what is built", () => {
  const loss = g.sum(g.mul(g.linear(x, w, b), g.linear(x, w, b)));

  test("gradients have the shapes of what they belong to", () => {
    expect(grad(loss, [w, b, x]).map(({ shape }) => shape)).toEqual([[5, 4], [5], [2, 3, 4]]);
  });

  test("nothing leads towards pixels or frozen weights", () => {
    const frozen = g.param("frozen", [4, 4]);
    const trained = g.param("trained", [4, 4]);
    const y = g.sum(g.matmul(g.softmax(g.matmul(x, frozen)), trained));
    const [d] = grad(y, [trained]);
    // forward: one product and softmax; backward: one product, for the trained weight alone
    expect(opsOf([d!]).filter((op) => op === "matmul")).toHaveLength(2);
    expect(opsOf([d!]).filter((op) => op === "softmax")).toHaveLength(1);
  });

  test("a weight shared by a batch gets one product over all rows", () => {
    const shared = toposort(grad(g.sum(g.matmul(x, w, { b: true })), [w]));
    expect(shared.filter(({ op }) => op === "matmul").map(({ shape }) => shape)).toEqual([[5, 4]]);
    expect(shared.some(({ op }) => op === "sum")).toBe(false);
  });

  test("without a path the gradient is zeros", async () => {
    const other = g.param("other", [2, 2]);
    const program = await reference.compile({ d: grad(loss, [other])[0]! });
    const { d } = await program.run({});
    expect(d).toEqual({ shape: [2, 2], data: new Float64Array(4) });
  });

  test("the loss itself, and something in between", async () => {
    const square = g.mul(b, b);
    const total = g.sum(square);
    const [one, between] = grad(total, [total, square]);
    const { one: a, between: c } = await (
      await reference.compile({ one: one!, between: between! })
    ).run({});
    expect([...a!.data]).toEqual([1]);
    expect([...c!.data]).toEqual([1, 1, 1, 1, 1]);
  });

  test("a loss that is no scalar is refused by name", () => {
    expect(() => grad(g.linear(x, w, b), [w])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: add: a loss must be a scalar: [2, 3, 5]]`,
    );
  });

  test("ten thousand nodes deep", () => {
    let deep: Node = b;
    for (let i = 0; i < 10_000; i++) deep = g.add(deep, 1);
    expect(grad(g.sum(deep), [b])[0]!.shape).toEqual([5]);
  });
});

/** Smooth functions of two vectors, nested at random. */
const vector = g.param("p", [3]);
const other = g.param("q", [2, 1]);
const expressions = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(vector, other),
    tie("node").map(g.sigmoid),
    tie("node").map(g.softmax),
    tie("node").map(g.erf),
    tie("node").map((v) => g.exp(g.sigmoid(v))),
    tie("node").map((v) =>
      g.layerNorm(v, g.constant(1, [v.shape.at(-1)!]), g.constant(0, [v.shape.at(-1)!]), 0.1),
    ),
    fc.tuple(tie("node"), tie("node")).map(([u, v]) => g.mul(u, v)),
    fc.tuple(tie("node"), tie("node")).map(([u, v]) => g.sub(u, v)),
    fc.tuple(tie("node"), tie("node")).map(([u, v]) => g.div(u, g.add(g.mul(v, v), 1))),
  ),
})).node;
const values = (n: number): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: n, maxLength: n });

describe("laws", () => {
  const feed = (p: readonly number[], q: readonly number[]) => ({
    p: { shape: [3], data: Float64Array.from(p) },
    q: { shape: [2, 1], data: Float64Array.from(q) },
  });

  test("any composition: the slope along a direction is the gradient times the direction", () =>
    fc.assert(
      fc.asyncProperty(expressions, values(3), values(2), values(3), async (y, p, q, towards) => {
        const loss = g.mean(y);
        const program = await reference.compile({ loss, d: grad(loss, [vector])[0]! });
        const at = async (step: number): Promise<number> =>
          (
            await program.run(
              feed(
                p.map((v, i) => v + step * towards[i]!),
                q,
              ),
            )
          )["loss"]!.data[0]!;
        const slope = ((await at(1e-4)) - (await at(-1e-4))) / 2e-4;
        const { d } = await program.run(feed(p, q));
        const product = towards.reduce((sum, v, i) => sum + v * d!.data[i]!, 0);
        expect(Math.abs(product - slope)).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
      }),
      { numRuns: 150 },
    ));

  test("the gradient of a sum is the sum of gradients", () =>
    fc.assert(
      fc.asyncProperty(expressions, expressions, values(3), values(2), async (a, c, p, q) => {
        const [la, lc] = [g.mean(a), g.mean(c)];
        const [joint] = grad(g.add(la, g.mul(lc, -2)), [other]);
        const [da] = grad(la, [other]);
        const [dc] = grad(lc, [other]);
        const program = await reference.compile({
          joint: joint!,
          apart: g.add(da!, g.mul(dc!, -2)),
        });
        const { joint: left, apart } = await program.run(feed(p, q));
        left!.data.forEach((v, i) => expect(v).toBeCloseTo(apart!.data[i]!, 10));
      }),
    ));

  test("every node of a gradient keeps its shape", () =>
    fc.assert(
      fc.property(expressions, (y) => {
        const [d] = grad(g.sum(y), [other]);
        return sameShape(d!.shape, other.shape);
      }),
    ));
});
