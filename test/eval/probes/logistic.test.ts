/** @file Logistic regression against scikit-learn's converged coefficients, finite differences, and awkward rows. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitLogistic, logits, predict, probabilities } from "../../../src/eval/probes/logistic.ts";
import { binaryLoss, softmaxLoss } from "../../../src/eval/probes/losses.ts";
import { rightSingular } from "../../../src/run/linalg/decompositions.ts";
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import { dot } from "../../../src/run/linalg/products.ts";
import { random } from "../../../src/run/random.ts";
import { golden, maxDifference, planted } from "../../debias/tensors.ts";
import { hasReference } from "../../golden.ts";

const TIGHT = { tolerance: 1e-10 };

/** Rows without their part along the directions, [R, D]. */
function without({ x, n, d }: Embeddings, directions: Float64Array): Embeddings {
  const { values, vectors } = rightSingular(directions, d);
  const out = Float64Array.from(x);
  for (let row = 0; row < n; row++)
    values.forEach((value, j) => {
      if (value < 1e-9 * values[0]!) return;
      const amount = dot(out, row * d, vectors, j * d, d);
      for (let i = 0; i < d; i++) out[row * d + i]! -= amount * vectors[j * d + i]!;
    });
  return { x: out, n, d };
}

describe.skipIf(!hasReference)("converged fits of scikit-learn", async () => {
  const { f64, i32 } = hasReference
    ? await golden("erasure", "erasure.safetensors")
    : { f64: () => new Float64Array(), i32: () => new Int32Array() };

  test.each(["z2", "z5"])("%s, on all dimensions and on what is left without them", (z) => {
    let rows: Embeddings = { x: f64("X"), n: 400, d: 24 };
    for (const round of [0, 1, 2]) {
      const model = fitLogistic(rows, i32(z), TIGHT);
      const coefficients = f64(`inlp.${z}.tight.coef.${round}`);
      expect(model.converged).toBe(true);
      expect(maxDifference(model.weight, coefficients)).toBeLessThan(1e-6);
      expect(maxDifference(model.bias, f64(`inlp.${z}.tight.intercept.${round}`))).toBeLessThan(
        1e-6,
      );
      rows = without(rows, coefficients);
    }
  });
});

// scikit-learn 1.9.1, LogisticRegression(C=C, tol=1e-12, solver="newton-cg").fit(x, y, sample_weight=w)
const n = 60;
const x = Float64Array.from({ length: n * 4 }, (_, at) => {
  const [i, j] = [Math.floor(at / 4), at % 4];
  return Math.sin(1 + 3 * i + 7 * j + 0.37 * i * j) + 0.1 * j;
});
const rows: Embeddings = { x, n, d: 4 };
const labelsOf = (classes: number): Int32Array =>
  Int32Array.from({ length: n }, (_, i) => {
    const at = (x[i * 4]! + 0.6 * Math.cos(5 * i)) * 1.2 + (classes - 1) / 2;
    return Math.min(classes - 1, Math.max(0, Math.round(at)));
  });
const weights = Float64Array.from({ length: n }, (_, i) => 1 + 0.5 * (i % 3));
const SKLEARN = [
  {
    classes: 2,
    C: 1,
    weight: [2.98571093, -0.38129382, 0.009506651, -0.133418954],
    bias: [0.280621521],
  },
  {
    classes: 2,
    C: 0.1,
    weight: [1.220416765, -0.20966168, -0.004166155, -0.065041023],
    bias: [0.180360062],
  },
  {
    classes: 3,
    C: 1,
    weight: [
      -2.216064355, 0.01322296, -0.137991115, -0.260626485, 0.125388218, 0.51825851, 0.414085947,
      -0.187089363, 2.090676137, -0.53148147, -0.276094832, 0.447715848,
    ],
    bias: [0.093626347, 0.167613055, -0.261239403],
  },
  {
    classes: 3,
    C: 0.1,
    weight: [
      -0.941384789, 0.020091737, -0.087725862, -0.063607037, 0.093914701, 0.289134654, 0.225742343,
      -0.110137107, 0.847470088, -0.309226391, -0.13801648, 0.173744144,
    ],
    bias: [0.130075057, -0.104615956, -0.025459101],
  },
];
test.each(SKLEARN)("weighted rows, $classes classes, C $C", ({ classes, C, weight, bias }) => {
  const model = fitLogistic(rows, labelsOf(classes), { C, weights, ...TIGHT });
  expect(maxDifference(model.weight, weight)).toBeLessThan(1e-7);
  expect(maxDifference(model.bias, bias)).toBeLessThan(1e-7);
});

test.each([
  ["binary", binaryLoss, 2],
  ["softmax", softmaxLoss, 4],
] as const)("derivatives of the %s loss are those of finite differences", (_, make, classes) => {
  const rng = random("loss", classes);
  const size = 7;
  const truth = Int32Array.from({ length: size }, (__, i) => i % classes);
  const w = Float64Array.from({ length: size }, () => rng.uniform(0.1, 3));
  const mass = new Float64Array(classes);
  truth.forEach((label, i) => (mass[label]! += w[i]!));
  const { count, along } = make(truth, w, mass);
  const at = Float64Array.from({ length: size * count }, () => 2 * rng.normal());
  const move = at.map(() => rng.normal());
  const value = (z: Float64Array): number => {
    let sum = 0;
    truth.forEach((label, i) => {
      const row = count === 1 ? [0, z[i]!] : [...z.subarray(i * count, (i + 1) * count)];
      const total = row.reduce((s, logit) => s + Math.exp(logit), 0);
      sum += w[i]! * (Math.log(total) - row[label]!);
    });
    return sum;
  };
  const on = (t: number): number => value(at.map((z, i) => z + t * move[i]!));
  const residuals = new Float64Array(at.length);
  const [t, h] = [0.3, 1e-5];
  const [first, second] = along(at, move, t, residuals);
  expect(first).toBeCloseTo((on(t + h) - on(t - h)) / (2 * h), 6);
  const slope = (s: number): number => along(at, move, s, new Float64Array(at.length))[0];
  expect(second).toBeCloseTo((slope(t + h) - slope(t - h)) / (2 * h), 6);
  const here = at.map((z, i) => z + t * move[i]!);
  residuals.forEach((residual, i) => {
    const nudged = (by: number): number => value(here.with(i, here[i]! + by));
    expect(residual).toBeCloseTo((nudged(h) - nudged(-h)) / (2 * h), 6);
  });
});

/** The largest entry of the gradient of weights and biases, from the definition. */
function gradientAt(
  of: Embeddings,
  labels: Int32Array,
  model: ReturnType<typeof fitLogistic>,
): number {
  const p = probabilities(model, of);
  const k = model.classes.length;
  const first = k === 2 ? 1 : 0;
  let worst = 0;
  for (let c = first; c < k; c++)
    for (let j = 0; j <= of.d; j++) {
      let sum = j < of.d ? model.weight[(c - first) * of.d + j]! : 0;
      for (let i = 0; i < of.n; i++)
        sum +=
          (p[i * k + c]! - Number(labels[i] === model.classes[c])) *
          (j < of.d ? of.x[i * of.d + j]! : 1);
      worst = Math.max(worst, Math.abs(sum));
    }
  return worst;
}

test("the gradient vanishes at the fit, for any number of rows, dimensions and classes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 8, max: 90 }),
      (classes, d, size) => {
        const { labels, ...data } = planted(size, d, classes, `${classes} ${d} ${size}`);
        fc.pre(new Set(labels).size >= 2);
        const model = fitLogistic(data, labels, TIGHT);
        expect(model.converged).toBe(true);
        expect(gradientAt(data, labels, model)).toBeLessThan(1e-5);
      },
    ),
    { numRuns: 60 },
  );
});

test("softmax weights and biases sum to zero over the classes", () => {
  const { labels, ...data } = planted(200, 6, 4, 1);
  const { weight, bias } = fitLogistic(data, labels);
  expect(bias.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
  for (let j = 0; j < 6; j++)
    expect([0, 1, 2, 3].reduce((sum, k) => sum + weight[k * 6 + j]!, 0)).toBeCloseTo(0, 9);
});

test("a start at the solution needs no iteration, and from nearby fewer than from nothing", () => {
  const { labels, ...data } = planted(500, 12, 3, 2);
  const cold = fitLogistic(data, labels, { C: 1 });
  expect(fitLogistic(data, labels, { C: 1, start: cold, tolerance: 2e-6 }).iterations).toBe(0);
  const near = fitLogistic(data, labels, { C: 1.05, start: cold, ...TIGHT });
  const afar = fitLogistic(data, labels, { C: 1.05, ...TIGHT });
  expect(near.iterations).toBeLessThan(afar.iterations);
  expect(maxDifference(near.weight, afar.weight)).toBeLessThan(1e-6);
});

test("separable rows, constant and duplicated columns, scales of a million and a millionth", () => {
  const size = 120;
  const rng = random("awkward");
  const labels = Int32Array.from({ length: size }, (_, i) => (i % 3 === 0 ? 7 : -2));
  const data = new Float64Array(size * 5);
  labels.forEach((label, i) => {
    const signal = label + rng.normal() * 0.1;
    data.set([1e6 * signal, 3, rng.normal(), 1e-6 * rng.normal(), 1e6 * signal], i * 5);
  });
  const of = { x: data, n: size, d: 5 };
  const model = fitLogistic(of, labels);
  expect(model.converged).toBe(true);
  expect([...model.classes]).toEqual([-2, 7]);
  expect(model.weight[1]).toBeCloseTo(0, 12);
  expect(model.weight[0]! / model.weight[4]!).toBeCloseTo(1, 6);
  expect(predict(model, of)).toEqual(labels);
});

test("weights of 0 and 2 are rows left out and given twice; equal rows give equal fits", () => {
  const { labels, ...data } = planted(60, 3, 3, 3);
  const twice = Float64Array.from({ length: 60 }, (_, i) => (i % 2) * 2);
  const odd = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 2 === 1);
  const pick = [...odd, ...odd];
  const repeated = {
    x: Float64Array.from(pick.flatMap((i) => [...data.x.subarray(i * 3, i * 3 + 3)])),
    n: 60,
    d: 3,
  };
  const a = fitLogistic(data, labels, { weights: twice, ...TIGHT });
  const b = fitLogistic(
    repeated,
    Int32Array.from(pick, (i) => labels[i]!),
    TIGHT,
  );
  expect(maxDifference(a.weight, b.weight)).toBeLessThan(1e-7);
  expect(fitLogistic(data, labels)).toEqual(fitLogistic(data, labels));
});

test("float32 rows are read as they are", () => {
  const { labels, ...data } = planted(90, 4, 2, 4);
  const single = Float32Array.from(data.x);
  const a = fitLogistic({ ...data, x: single }, labels, TIGHT);
  const b = fitLogistic({ ...data, x: Float64Array.from(single) }, labels, TIGHT);
  expect(maxDifference(a.weight, b.weight)).toBeLessThan(1e-9);
});

test("probabilities sum to 1 and name the class that is predicted", () => {
  for (const classes of [2, 4]) {
    const { labels, ...data } = planted(50, 3, classes, 5);
    const model = fitLogistic(data, labels);
    const p = probabilities(model, data);
    predict(model, data).forEach((label, i) => {
      const row = [...p.subarray(i * classes, (i + 1) * classes)];
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      expect(model.classes[row.indexOf(Math.max(...row))]).toBe(label);
    });
    expect(logits(model, data).length).toBe(50 * (classes === 2 ? 1 : classes));
  }
});

test("what cannot be fitted is refused", () => {
  const data = { x: Float64Array.of(0, 1, 2), n: 3, d: 1 };
  const labels = Int32Array.of(0, 1, 0);
  expect(() => fitLogistic(data, new Int32Array(3))).toThrow("two classes or more");
  expect(() => fitLogistic(data, labels, { weights: Float64Array.of(1, 0, 1) })).toThrow(
    "each with weight",
  );
  expect(() => fitLogistic(data, new Int32Array(2))).toThrow("one for each of 3 rows");
  expect(() => fitLogistic(data, labels, { C: 0 })).toThrow("C: expected a number above 0");
  expect(() => fitLogistic({ ...data, x: Float64Array.of(0, Number.NaN, 1) }, labels)).toThrow(
    "row 1, column 0",
  );
});
