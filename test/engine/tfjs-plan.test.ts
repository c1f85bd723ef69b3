/** @file Plans of kernels: what is read is there, what is not needed any more is gone. */
import { describe, expect, test } from "vitest";
import { lower } from "../../src/engine/tfjs/lower.ts";
import type { Plan } from "../../src/engine/tfjs/plan.ts";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import type { Convolution, Node } from "../../src/graph/node.ts";
import { verify } from "../../src/graph/verify.ts";
import { block } from "./block.ts";

type Outputs = Readonly<Record<string, Node>>;
const NOTHING = new Set<string>();
const planOf = (outputs: Outputs, kept: ReadonlySet<string> = NOTHING): Plan =>
  lower(verify(outputs), outputs, kept, []);
const kernelsOf = (outputs: Outputs): string[] => planOf(outputs).steps.map((step) => step.kernel);

/** Runs a plan without computing: how many values there are at most at a time, and those that are left. */
function rehearse({ feeds, constants, steps }: Plan): { most: number; left: Set<number> } {
  const there = new Set([...feeds.values(), ...constants.map(({ value }) => value)]);
  let most = there.size;
  for (const { inputs, output, frees } of steps) {
    for (const value of Object.values(inputs)) expect(there).toContain(value);
    expect(there).not.toContain(output);
    there.add(output);
    most = Math.max(most, there.size);
    for (const value of frees) expect(there.delete(value)).toBe(true);
  }
  return { most, left: there };
}

describe("freeing", () => {
  test("every value is there when it is read, and what is left are results and constants", () => {
    const plan = planOf(block(5, 3, 16, 2).outputs);
    const { left } = rehearse(plan);
    const results = new Set(plan.results.values());
    const constants = new Set(plan.constants.map(({ value }) => value));
    expect(left).toEqual(new Set([...results, ...constants]));
  });

  test("an update replaces one weight after the other", () => {
    const count = 50;
    const outputs = Object.fromEntries(
      Array.from({ length: count }, (_, i) => {
        const [w, d] = [g.param(`w${i}`, [4]), g.param(`d${i}`, [4])];
        return [`w${i}`, g.sub(w, g.mul(d, 0.1))];
      }),
    );
    const plan = planOf(outputs, new Set(Object.keys(outputs)));
    // weights, gradients, the rate; one product or one new weight beside them
    expect(rehearse(plan).most).toBe(2 * count + 1 + 1);
  });

  test("what no result needs is not computed", () => {
    const x = g.input("x", [2, 3]);
    // the product takes its other side as it is: nobody reads what was broadcast
    expect(kernelsOf({ y: g.mul(g.broadcast(g.param("c", [3]), [2, 3]), x) })).toEqual([
      "Multiply",
    ]);
  });
});

describe("sharing", () => {
  const x = g.input("x", [6, 4]);
  test("equal kernels run once", () => {
    expect(kernelsOf({ y: g.add(g.exp(x), g.exp(x)) })).toEqual(["Exp", "Add"]);
  });
  test("layerNorm's gradient takes its mean and spread from the forward pass", () => {
    const { outputs } = block(5, 3, 16, 2);
    const kernels = kernelsOf(outputs);
    expect(kernels.filter((kernel) => kernel === "Rsqrt")).toHaveLength(2);
  });
});

describe("channels", () => {
  const SAME: Convolution = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 };
  const image = g.input("image", [2, 3, 8, 8]);
  const block = (x: Node, name: string): Node => {
    const y = g.conv2d(
      x,
      g.param(`${name}.w`, [4, x.shape[1]!, 3, 3]),
      g.param(`${name}.b`, [4]),
      SAME,
    );
    const gamma = g.param(`${name}.gamma`, [4]);
    return g.relu(g.batchNorm(y, g.momentsOf(y), gamma, gamma, 1e-5));
  };
  const first = block(image, "one");
  const pooled = g.maxPool(g.mul(first, 2), { ...SAME, kernel: [2, 2], padding: [0, 0, 0, 0] });
  const last = g.add(block(pooled, "two"), pooled);
  const moves = (outputs: Outputs): number =>
    kernelsOf(outputs).filter((kernel) => kernel === "Transpose").length;

  test("go last once, and first where the graph's own order is read", () => {
    // the image, two sets of kernels, the result
    expect(moves({ last })).toBe(4);
    // a mean over places has no order of axes left
    expect(moves({ mean: g.globalAvgPool(last) })).toBe(3);
  });
  test("stay last on the way back", () => {
    const params = ["one.w", "two.w"].map((name) => verify({ last }).feeds.get(name)!);
    const [one, two] = grad(g.sum(g.mul(g.globalAvgPool(last), 0.5)), params);
    // beside those above: the mean's gradient, kernels turned, and for each of two sets rows of dy and the result
    expect(moves({ one: one!, two: two! })).toBe(3 + 1 + 1 + 2 * 2);
  });
});
