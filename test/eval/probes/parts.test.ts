/** @file What probes are made of: folds, leading components, quadratic discriminants. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { stratifiedFolds } from "../../../src/eval/probes/folds.ts";
import { leadingPart } from "../../../src/eval/probes/leading-part.ts";
import { fitQuadratic } from "../../../src/eval/probes/quadratic.ts";
import { standardiser } from "../../../src/eval/probes/standardise.ts";
import { symmetricEigen } from "../../../src/run/linalg/decompositions.ts";
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import { classMeans, scatter } from "../../../src/run/linalg/products.ts";
import { random } from "../../../src/run/random.ts";
import { planted } from "../../debias/tensors.ts";

const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 80 });

test("every fold has its share of every class, within one row", () => {
  fc.assert(
    fc.property(labels, fc.integer({ min: 2, max: 6 }), (list, folds) => {
      const classes = Int32Array.from(list);
      const of = stratifiedFolds(classes, folds, 1);
      for (const label of new Set(list)) {
        const counts = Array.from({ length: folds }, () => 0);
        of.forEach((fold, i) => (counts[fold]! += Number(list[i] === label)));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("clusters stay whole", () => {
  fc.assert(
    fc.property(labels, fc.integer({ min: 1, max: 20 }), (list, several) => {
      const clusters = Int32Array.from(list, (_, i) => i % several);
      const of = stratifiedFolds(Int32Array.from(list), 3, 2, clusters);
      of.forEach((fold, i) => expect(fold).toBe(of[i % several]));
    }),
  );
});

const varianceOf = (rows: Embeddings): number => {
  const { means } = classMeans(rows, new Int32Array(rows.n), 1);
  const matrix = scatter(rows, means);
  let trace = 0;
  for (let i = 0; i < rows.d; i++) trace += matrix[i * rows.d + i]!;
  return trace;
};

test("the leading part holds nearly the variance of as many principal components", () => {
  const rng = random("spectrum");
  const [n, d, k] = [300, 40, 8];
  const x = Float64Array.from({ length: n * d }, (_, i) => rng.normal() / (1 + (i % d)));
  const { means } = classMeans({ x, n, d }, new Int32Array(n), 1);
  const { values } = symmetricEigen(scatter({ x, n, d }, means), d);
  const most = values.subarray(0, k).reduce((a, b) => a + b, 0);
  const held = varianceOf(leadingPart({ x, n, d }, k));
  expect(held).toBeGreaterThan(0.97 * most);
  expect(held).toBeLessThan(most * (1 + 1e-9));
});

test("no more dimensions than asked for, and no others where there are no more", () => {
  const { labels: _, ...rows } = planted(50, 6, 2, 1);
  expect(leadingPart(rows, 6)).toBe(rows);
  expect(leadingPart(rows, 2)).toMatchObject({ n: 50, d: 2 });
  const alike = leadingPart({ x: new Float32Array(20), n: 4, d: 5 }, 2);
  expect([...alike.x]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test("standardised columns have mean 0 and variance 1 on the rows that they are standardised on", () => {
  const { labels: _, ...rows } = planted(60, 4, 2, 2);
  for (let i = 0; i < 60; i++) rows.x[i * 4 + 3] = 0.1;
  const train = Int32Array.from({ length: 40 }, (__, i) => i);
  const out = standardiser(rows, train)(rows, train);
  const { means } = classMeans(out, new Int32Array(40), 1);
  const matrix = scatter(out, means);
  [1, 1, 1, 0].forEach((variance, j) => {
    expect(means[j]).toBeCloseTo(0, 5);
    expect(matrix[j * 5]! / 40).toBeCloseTo(variance, 5);
  });
});

test("quadratic discriminants are the densities of normal distributions", () => {
  const { labels: truth, ...rows } = planted(90, 2, 3, 3);
  const answers = fitQuadratic(rows, truth, 3)(rows);
  const { means, counts } = classMeans(rows, truth, 3);
  const within = scatter(rows, means, truth).map((sum) => sum / 90);
  const densities = [0, 1, 2].map((k) => {
    const own = [...truth.keys()].filter((i) => truth[i] === k);
    const entry = (a: number, b: number): number => {
      let sum = 2 * within[a * 2 + b]!; // two rows of prior evidence in two dimensions
      for (const i of own)
        sum += (rows.x[i * 2 + a]! - means[k * 2 + a]!) * (rows.x[i * 2 + b]! - means[k * 2 + b]!);
      return sum / (counts[k]! + 2);
    };
    const [a, b, c] = [entry(0, 0), entry(0, 1), entry(1, 1)];
    const determinant = a * c - b * b;
    return (i: number): number => {
      const [u, v] = [rows.x[i * 2]! - means[k * 2]!, rows.x[i * 2 + 1]! - means[k * 2 + 1]!];
      const distance = (c * u * u - 2 * b * u * v + a * v * v) / determinant;
      return -distance / 2 - Math.log(determinant) / 2;
    };
  });
  const expected = Array.from({ length: 90 }, (_, i) => {
    const values = densities.map((density) => density(i));
    return values.indexOf(Math.max(...values));
  });
  expect([...answers]).toEqual(expected);
});
