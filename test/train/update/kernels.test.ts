/** @file Updates by vectors: the float64 rules within float32 rounding, whatever the lengths, and no neighbour touched. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random } from "../../../src/run/random.ts";
import { arraysOf, inBlocks } from "../../../src/train/update/arrays.ts";
import { addScaled, updateAverage } from "../../../src/train/update/average.ts";
import { globalNorm } from "../../../src/train/update/clip-gradients.ts";
import { type OptimizerConfig, createOptimizer } from "../../../src/train/update/optimizer.ts";

const LEFT = 7.5;
const length = fc.integer({ min: 1, max: 70 });
const seed = fc.integer({ min: 0, max: 1000 });

/** Arrays of the kernels' memory in a row: neighbours before and behind hold `LEFT`, up to the ends of their lines. */
function arrays(size: number, count: number, fill: (i: number) => number) {
  const take = arraysOf(new Map([["w", size]]), count + 2);
  const all = Array.from({ length: count + 2 }, () => take("w"));
  const [first, last] = [all[0]!, all.at(-1)!];
  const bytes = last.byteOffset + last.byteLength - first.byteOffset;
  const whole = new Float32Array(first.buffer, first.byteOffset, bytes / 4);
  whole.fill(LEFT);
  const used = all.slice(1, -1);
  for (const array of used) for (let i = 0; i < size; i++) array[i] = fill(i);
  const inside = new Set(
    used.flatMap(({ byteOffset }) =>
      Array.from({ length: size }, (_, i) => (byteOffset - first.byteOffset) / 4 + i),
    ),
  );
  const untouched = (): void =>
    whole.forEach((value, i) => {
      if (!inside.has(i)) expect(value).toBe(LEFT);
    });
  return { used, untouched };
}

/** Within some roundings of float32. @param least what numbers are at least taken to be, where terms cancel out. */
const expectNear = (actual: ArrayLike<number>, expected: ArrayLike<number>, least = 1): void => {
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(
      2 ** -21 * Math.max(least, Math.abs(expected[i]!)),
    );
};

describe("vectors", () => {
  const rules: readonly OptimizerConfig[] = [
    { name: "adamw", beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.2, decay: "all" },
    { name: "adam", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.1, decay: "all" },
  ];
  test.each(rules)("$name is the float64 rule", (config) => {
    fc.assert(
      fc.property(length, seed, (size, of) => {
        const stream = random("kernels", of);
        const { used, untouched } = arrays(size, 4, () => stream.normal());
        const [weights, gradient, mean, square] = used as [
          Float32Array,
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        for (const moment of [mean, square]) moment.fill(0);
        const slots = [mean, square];
        const exact = Float64Array.from(weights);
        const parameter = (data: Float32Array | Float64Array) =>
          new Map([["w", { shape: [size], data }]]);
        const vectors = createOptimizer(config, parameter(weights), undefined, () =>
          slots.shift()!,
        );
        const loops = createOptimizer(config, parameter(exact));
        for (let step = 0; step < 4; step++) {
          for (let i = 0; i < size; i++) gradient[i] = stream.normal();
          vectors.update(new Map([["w", gradient]]), 1e-3, 0.5);
          loops.update(new Map([["w", Float64Array.from(gradient)]]), 1e-3, 0.5);
          expectNear(weights, exact);
        }
        for (const [name, { data }] of loops.state().tensors)
          expectNear(vectors.state().tensors.get(name)!.data, data, name.includes("sq") ? 0 : 1);
        untouched();
      }),
      { numRuns: 40 },
    );
  });

  test("sums, averages and norms are the float64 ones", () => {
    fc.assert(
      fc.property(length, seed, (size, of) => {
        const stream = random("kernels", of);
        const { used, untouched } = arrays(size, 2, () => stream.normal());
        const [y, x] = used as [Float32Array, Float32Array];
        const before = y.slice();
        addScaled(y, x, 0.3);
        expectNear(
          y,
          before.map((v, i) => v + 0.3 * x[i]!),
        );
        y.set(before);
        const weights = (data: Float32Array) => new Map([["w", { shape: [size], data }]]);
        updateAverage(weights(y), weights(x), 0.999);
        expectNear(
          y,
          before.map((v, i) => 0.999 * v + 0.001 * x[i]!),
        );
        expect(globalNorm([x])).toBeCloseTo(Math.hypot(...x), 12);
        untouched();
      }),
      { numRuns: 40 },
    );
  });

  test("an average of weights that stay the same is these weights", () => {
    const { used } = arrays(16, 2, (i) => 1 / (i + 3));
    const [average, weights] = used.map((data) => new Map([["w", { shape: [16], data }]]));
    for (let step = 0; step < 1000; step++) updateAverage(average!, weights!, 0.9999);
    expect(average).toEqual(weights);
  });

  test.each([NaN, Infinity])("a norm finds %d wherever it is", (bad) => {
    for (let at = 0; at < 19; at++) {
      const { used } = arrays(19, 1, (i) => (i === at ? bad : i));
      expect(globalNorm(used)).toBe(bad);
    }
  });

  test("squares that float32 cannot hold are summed", () => {
    const { used } = arrays(8, 1, () => 1e30);
    expect(globalNorm(used) / 1e30).toBeCloseTo(Math.sqrt(8), 6);
  });

  test("they see whole blocks of arrays that lie together, and no others", () => {
    const lengths = new Map([
      ["a", 5],
      ["b", 21],
      ["c", 8 * 2 ** 20],
      // beyond the 4 GiB of the first memory
      ["d", 2 ** 29 - 2 ** 20],
    ]);
    const take = arraysOf(lengths, 2);
    const seen = (...arrays: Float32Array[]): number => inBlocks(arrays, () => {});
    const [b, d] = [take("b"), take("d")];
    expect(seen(take("a"), take("a"))).toBe(0);
    expect(seen(b, take("b"))).toBe(16);
    expect(seen(take("c"), take("c"))).toBe(2 ** 23);
    expect(seen(d, take("d"))).toBe(2 ** 29 - 2 ** 20);
    expect(seen(b, d)).toBe(0);
    expect(seen(b, new Float32Array(21))).toBe(0);
    expect(seen(new Float32Array(21))).toBe(0);
  });
});
