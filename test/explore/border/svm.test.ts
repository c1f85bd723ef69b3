/** @file Support vector machines against scikit-learn, on hand-made cases and on hard ones. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitSvm, type Svm, type SvmOptions } from "../../../src/explore/border/svm.ts";
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import { random } from "../../../src/run/random.ts";
import { golden, maxDifference } from "../../debias/tensors.ts";
import { hasReference } from "../../golden.ts";

const RBF: SvmOptions = { kernel: "rbf", C: 1, gamma: "scale" };
const LINEAR: SvmOptions = { kernel: "linear", C: 1, gamma: "scale" };

const matrix = (rows: readonly (readonly number[])[]): Embeddings => ({
  x: Float64Array.from(rows.flat()),
  n: rows.length,
  d: rows[0]!.length,
});

const codesOf = (codes: readonly number[]): Int32Array => Int32Array.from(codes);

function fitted(x: Embeddings, codes: Int32Array, classes: number, options = RBF): Svm {
  const { svm, reason } = fitSvm(x, codes, classes, options);
  if (!svm) throw new Error(reason);
  return svm;
}

describe.skipIf(!hasReference)("scikit-learn's SVC (needs EQUICLIP_REFERENCE)", async () => {
  if (!hasReference) return;
  const { f64, i32 } = await golden("cluster", "cluster.safetensors");
  const x: Embeddings = { x: f64("svm.X"), n: 160, d: 16 };
  const y = i32("svm.y");
  const codes = y.map((sign) => (sign > 0 ? 0 : 1));

  test("decisions and accuracy at LIBSVM's tolerance", () => {
    const svm = fitted(x, codes, 2, LINEAR);
    expect(maxDifference(svm.decision(x), f64("svm.svc_linear.decision"))).toBeLessThan(1e-2);
    expect(svm.supports).toBe(38);
    const right = svm.predict(x).filter((code, row) => code === codes[row]).length;
    expect(right / 160).toBe(0.925);
  });

  test("objective, weights and intercept at a tighter one", () => {
    const svm = fitted(x, codes, 2, { ...LINEAR, tolerance: 1e-7 });
    const at = (point: Float64Array): number => svm.decision({ x: point, n: 1, d: 16 })[0]!;
    const intercept = at(new Float64Array(16));
    const weights = Float64Array.from({ length: 16 }, (_, j) => {
      const axis = new Float64Array(16);
      axis[j] = 1;
      return at(axis) - intercept;
    });
    const decisions = svm.decision(x);
    const hinge = decisions.reduce(
      (sum, v, row) => sum + Math.max(0, 1 - v * (y[row]! > 0 ? 1 : -1)),
      0,
    );
    const objective = weights.reduce((sum, w) => sum + w * w, 0) / 2 + hinge;
    expect(Math.abs(objective / 27.803623352432798 - 1)).toBeLessThan(1e-8);
    expect(intercept).toBeCloseTo(0.6971722286136726, 5);
    expect(maxDifference(weights, f64("svm.svc_linear.coef"))).toBeLessThan(1e-5);
  });
});

describe("RBF", () => {
  const corners = matrix([
    [0, 0],
    [1, 1],
    [0, 1],
    [1, 0],
  ]);
  const exclusive = codesOf([0, 0, 1, 1]);

  test("solves XOR, which no line does", () => {
    expect(fitted(corners, exclusive, 2).predict(corners)).toEqual(exclusive);
    expect(fitted(corners, exclusive, 2, LINEAR).predict(corners)).not.toEqual(exclusive);
  });

  test("XOR by hand: at C 10 all four support, with equal weight", () => {
    // by symmetry alpha (1 + e^-2g - 2 e^-g) = 1 and the intercept is 0
    const svm = fitted(corners, exclusive, 2, { ...RBF, C: 10, gamma: 1, tolerance: 1e-8 });
    expect(svm.supports).toBe(4);
    const decisions = svm.decision(corners);
    for (const [row, value] of decisions.entries())
      expect(value).toBeCloseTo(exclusive[row] === 0 ? 1 : -1, 6);
    expect(svm.decision(matrix([[0.5, 0.5]]))[0]).toBeCloseTo(0, 6);
  });

  test("gamma scale is 1 / (d x variance of all inputs), as scikit-learn has it", () => {
    const x = matrix([
      [0, 10],
      [2, 10],
      [4, 13],
    ]);
    const mean = 39 / 6;
    const variance = [0, 10, 2, 10, 4, 13].reduce((sum, v) => sum + (v - mean) ** 2, 0) / 6;
    expect(fitted(x, codesOf([0, 1, 1]), 2).gamma).toBeCloseTo(1 / (2 * variance), 12);
    // rows without a label count for nothing
    expect(fitted(x, codesOf([0, 1, -1]), 2).gamma).toBeCloseTo(
      1 / (2 * ((5.5 ** 2 + 4.5 ** 2 + 3.5 ** 2 + 4.5 ** 2) / 4)),
      12,
    );
    expect(fitted(x, codesOf([0, 1, 1]), 2, LINEAR).gamma).toBeNull();
  });
});

/** `classes` blobs around points of a grid, `each` rows a blob. */
function blobs(classes: number, each: number, spread: number) {
  const draw = random("blobs", classes);
  const side = Math.ceil(Math.sqrt(classes));
  const rows = Array.from({ length: classes * each }, (_, i) => {
    const c = i % classes;
    return [
      (c % side) * 4 + spread * draw.normal(),
      Math.floor(c / side) * 4 + spread * draw.normal(),
    ];
  });
  return { x: matrix(rows), codes: codesOf(rows.map((_, i) => i % classes)) };
}

describe("more than two classes", () => {
  test.each([3, 40])("%i blobs are told apart, one machine for every two", (classes) => {
    const { x, codes } = blobs(classes, 12, 0.3);
    const svm = fitted(x, codes, classes);
    expect(svm.pairs.length).toBe((classes * (classes - 1)) / 2);
    expect(svm.predict(x)).toEqual(codes);
  });

  test("a tie of votes goes to the smallest code", () => {
    // three rays at 120 degrees: in the middle each class wins one pair
    const x = matrix([0, 1, 2].map((k) => [Math.cos(k * 2.0944), Math.sin(k * 2.0944)]));
    const svm = fitted(x, codesOf([0, 1, 2]), 3, LINEAR);
    const around = matrix(
      Array.from({ length: 90 }, (_, i) => [1e-9 * Math.cos(i / 14), 1e-9 * Math.sin(i / 14)]),
    );
    const decisions = svm.decision(around);
    const predicted = svm.predict(around);
    for (let i = 0; i < around.n; i++) {
      const [ab, ac, bc] = decisions.subarray(3 * i, 3 * i + 3);
      const votes = [0, 0, 0];
      votes[ab! > 0 ? 0 : 1]!++;
      votes[ac! > 0 ? 0 : 2]!++;
      votes[bc! > 0 ? 1 : 2]!++;
      expect(predicted[i]).toBe(votes.indexOf(Math.max(...votes)));
    }
  });

  test("classes without rows and rows without a class are left out", () => {
    const { x, codes } = blobs(3, 10, 0.3);
    const shifted = codes.map((code) => (code === 1 ? -1 : code + 2));
    const svm = fitted(x, shifted, 9);
    expect(svm.classes).toEqual([2, 4]);
    expect(svm.pairs).toEqual([[2, 4]]);
    expect(svm.rows).toBe(20);
    expect(new Set(svm.predict(x))).toEqual(new Set([2, 4]));
  });
});

const coordinate = fc.float({ min: -3, max: 3, noNaN: true });

test("no line near a linear border is better", () => {
  const problem = fc
    .array(fc.tuple(coordinate, coordinate, fc.boolean()), { minLength: 2, maxLength: 40 })
    .filter((rows) => new Set(rows.map(([, , isFirst]) => isFirst)).size === 2);
  const line = fc.tuple(coordinate, coordinate, coordinate);
  fc.assert(
    fc.property(problem, fc.constantFrom(0.1, 1, 10), line, (rows, C, step) => {
      const x = matrix(rows.map(([a, b]) => [a, b]));
      const codes = codesOf(rows.map(([, , isFirst]) => (isFirst ? 0 : 1)));
      const svm = fitted(x, codes, 2, { ...LINEAR, C, tolerance: 1e-7 });
      const [b, ab, bb] = svm.decision(
        matrix([
          [0, 0],
          [1, 0],
          [0, 1],
        ]),
      );
      const objective = ([u, v, w]: readonly number[]): number =>
        (u! * u! + v! * v!) / 2 +
        C *
          rows.reduce(
            (sum, [p, q, isFirst]) =>
              sum + Math.max(0, 1 - (isFirst ? 1 : -1) * (u! * p + v! * q + w!)),
            0,
          );
      const best = [ab! - b!, bb! - b!, b!];
      for (const size of [1, 0.1, 0.01])
        expect(objective(best)).toBeLessThanOrEqual(
          objective(best.map((value, i) => value + size * step[i]!)) + 1e-4,
        );
    }),
    { numRuns: 100 },
  );
});

test("decisions at points of a grid are those at each of them alone", () => {
  const { x, codes } = blobs(4, 15, 1.5);
  const svm = fitted(x, codes, 4);
  const grid = Array.from({ length: 600 }, (_, i) => [(i % 30) / 5, Math.floor(i / 30) / 3]);
  const together = svm.decision(matrix(grid));
  const alone = grid.flatMap((point) => [...svm.decision(matrix([point]))]);
  expect(maxDifference(together, alone)).toBeLessThan(1e-12);
});

describe("hard cases", () => {
  test.each([
    [
      "one label",
      codesOf([0, 0, 0]),
      "a border needs two labels, and all 3 rows have the same one",
    ],
    ["no label", codesOf([-1, -1, -1]), "no row has a label"],
  ])("%s: no machine, and why", (_, codes, reason) => {
    const x = matrix([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(fitSvm(x, codes, 2, RBF)).toEqual({ svm: null, reason });
  });

  test("two points: the border is halfway", () => {
    const x = matrix([
      [0, 0],
      [2, 0],
    ]);
    for (const options of [RBF, LINEAR]) {
      const svm = fitted(x, codesOf([0, 1]), 2, options);
      expect(svm.predict(x)).toEqual(codesOf([0, 1]));
      expect(svm.decision(matrix([[1, 5]]))[0]).toBeCloseTo(0, 9);
    }
  });

  test.each([RBF, LINEAR])(
    "identical points of two labels: the majority wins ($kernel)",
    (options) => {
      const x = matrix(Array.from({ length: 7 }, () => [1, 1, 1]));
      const svm = fitted(x, codesOf([1, 0, 1, 1, 0, 1, 1]), 2, options);
      expect([...svm.predict(x)]).toEqual(Array.from({ length: 7 }, () => 1));
    },
  );

  test("a number that is not finite, a code too large and a cost of zero are refused", () => {
    const x = matrix([
      [0, 0],
      [1, Number.NaN],
    ]);
    const good = matrix([
      [0, 0],
      [1, 1],
    ]);
    expect(() => fitSvm(x, codesOf([0, 1]), 2, RBF)).toThrow("row 1, column 1 is NaN");
    expect(() => fitSvm(good, codesOf([0, 2]), 2, RBF)).toThrow("codes from -1 to 1");
    expect(() => fitSvm(good, codesOf([0, 1]), 2, { ...RBF, C: 0 })).toThrow(
      "expected C above 0, received 0",
    );
    expect(() => fitted(good, codesOf([0, 1]), 2).predict(matrix([[1]]))).toThrow(
      "expected points of 2 numbers, received 1",
    );
  });
});
