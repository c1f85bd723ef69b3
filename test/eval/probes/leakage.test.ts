/** @file Probes find what is there, and nothing where nothing is. */
import { describe, expect, test } from "vitest";
import { apply } from "../../../src/debias/eraser.ts";
import { erasers } from "../../../src/debias/erasers.ts";
import { leakage, utility } from "../../../src/eval/probes/leakage.ts";
import { random } from "../../../src/run/random.ts";
import { planted } from "../../debias/tensors.ts";

/** Standard normal rows, and labels that are independent of them. */
function noise(n: number, d: number, classes: number, seed: number) {
  const rng = random("noise", seed);
  const x = Float32Array.from({ length: n * d }, () => rng.normal());
  return { x, n, d, labels: Int32Array.from({ length: n }, () => rng.int(classes)) };
}

/** Labels that are the sign of the product of two columns: no line parts them. */
function exclusiveOr(n: number, d: number) {
  const data = noise(n, d, 2, 1);
  data.labels.forEach((_, i) => {
    data.labels[i] = Number(data.x[i * d]! * data.x[i * d + 1]! > 0);
  });
  return data;
}

const both = ["linear", "nonlinear"] as const;

describe.each(both)("%s probe", (probe) => {
  test("finds a planted concept", () => {
    const { labels, ...rows } = planted(400, 8, 3, 1);
    const { balancedAccuracy, interval, chance, n } = leakage(rows, labels, probe);
    expect(balancedAccuracy).toBeGreaterThan(0.85);
    expect(interval![0]).toBeGreaterThan(chance!);
    expect(interval![0]).toBeLessThan(balancedAccuracy!);
    expect(interval![1]).toBeGreaterThan(balancedAccuracy!);
    expect([chance, n]).toEqual([1 / 3, 400]);
  });

  test("independent labels are at chance: nine of ten intervals hold it", () => {
    const holds = Array.from({ length: 20 }, (_, seed) => {
      const { labels, ...rows } = noise(300, 6, 2, seed);
      const [low, high] = leakage(rows, labels, probe, { seed }).interval!;
      return low <= 0.5 && high >= 0.5;
    });
    expect(holds.filter(Boolean).length).toBeGreaterThanOrEqual(18);
  });

  test("equal seeds give equal scores, other seeds other folds", () => {
    const { labels, ...rows } = noise(200, 4, 2, 5);
    const of = (seed: number) => leakage(rows, labels, probe, { seed });
    expect(of(1)).toEqual(of(1));
    expect([2, 3, 4].some((seed) => of(seed).balancedAccuracy !== of(1).balancedAccuracy)).toBe(
      true,
    );
  });

  test("classes of three rows are held out too; of one row left out and named", () => {
    const { labels, ...rows } = planted(103, 5, 2, 2);
    const three = labels.map((label, i) => (i < 3 ? 2 : label));
    const few = leakage(rows, three, probe);
    expect([few.chance, few.n, few.note]).toEqual([1 / 3, 103, undefined]);
    const one = leakage(
      rows,
      labels.map((label, i) => (i < 1 ? 2 : label)),
      probe,
    );
    expect([one.chance, one.n]).toEqual([1 / 2, 102]);
    expect(one.note).toContain("1 of 3 classes left out");
  });

  test("labels are names: any whole numbers do", () => {
    const { labels, ...rows } = planted(150, 4, 2, 3);
    const named = labels.map((label) => (label === 0 ? 40 : -3));
    expect(leakage(rows, named, probe).balancedAccuracy).toBeCloseTo(
      leakage(rows, labels, probe).balancedAccuracy!,
      2,
    );
  });

  test("one class and one row say why there is no number", () => {
    const { x } = noise(30, 2, 2, 1);
    const one = leakage({ x, n: 30, d: 2 }, new Int32Array(30), probe);
    expect(one).toMatchObject({ balancedAccuracy: null, interval: null, chance: null, n: 30 });
    expect(one.reason).toContain("two classes");
    const pair = leakage({ x: x.slice(0, 4), n: 2, d: 2 }, Int32Array.of(0, 1), probe);
    expect(pair.reason).toContain("received 0");
  });

  test("constant columns, rows all alike and fewer rows than dimensions", () => {
    const { labels, ...rows } = planted(40, 200, 2, 4);
    expect(leakage(rows, labels, probe).balancedAccuracy).toBeGreaterThan(0.8);
    const alike = { x: new Float32Array(40 * 3).fill(7), n: 40, d: 3 };
    expect(leakage(alike, labels, probe).balancedAccuracy).toBeCloseTo(0.5, 1);
  });

  test("near-duplicates do not tell on each other when their clusters are given", () => {
    const { labels, x, d } = noise(100, 40, 2, 6);
    const twice = { x: Float32Array.of(...x, ...x), n: 200, d };
    const labelled = Int32Array.of(...labels, ...labels);
    const clusters = Int32Array.from({ length: 200 }, (_, i) => i % 100);
    const apart = leakage(twice, labelled, probe);
    const together = leakage(twice, labelled, probe, { clusters });
    expect(apart.interval![0]).toBeGreaterThan(0.5);
    expect(together.interval![0]).toBeLessThan(0.5);
    // a pair is worth one row
    const width = ({ interval }: typeof apart): number => interval![1] - interval![0];
    expect(width(together) / width(apart)).toBeGreaterThan(1.2);
  });

  test("bad rows and options are refused", () => {
    const { labels, ...rows } = noise(20, 2, 2, 1);
    const broken = { ...rows, x: rows.x.with(5, Number.NaN) };
    expect(() => leakage(broken, labels, probe)).toThrow("row 2, column 1");
    expect(() => leakage(rows, labels.slice(1), probe)).toThrow("expected one for each of 20");
    expect(() => leakage(rows, labels, probe, { folds: 1 })).toThrow("folds: expected");
    expect(() => leakage(rows, labels, probe, { clusters: new Int32Array(3) })).toThrow(
      "clusters: expected one for each of 20",
    );
  });
});

test("a linear probe misses an exclusive or, the nonlinear one finds it", () => {
  const { labels, ...rows } = exclusiveOr(600, 5);
  expect(leakage(rows, labels, "linear").balancedAccuracy).toBeLessThan(0.58);
  expect(leakage(rows, labels, "nonlinear").interval![0]).toBeGreaterThan(0.8);
});

test("in many dimensions the nonlinear probe looks at the leading ones", () => {
  const { labels, ...rows } = exclusiveOr(3000, 140);
  const leading = rows.x.map((value, i) => (i % 140 < 2 ? 20 * value : value));
  const trailing = rows.x.map((value, i) => (i % 140 < 2 ? value / 20 : value));
  expect(leakage({ ...rows, x: leading }, labels, "nonlinear").interval![0]).toBeGreaterThan(0.55);
  expect(leakage({ ...rows, x: trailing }, labels, "nonlinear").interval![0]).toBeLessThan(0.5);
});

test("after LEACE other rows are at chance, the rows of the fit below it", () => {
  const { labels, x, d } = planted(1200, 12, 2, 8);
  const half = (from: number) => ({ x: x.slice(from * d, (from + 600) * d), n: 600, d });
  const [train, held] = [half(0), half(600)];
  const [a, b] = [labels.slice(0, 600), labels.slice(600)];
  const eraser = erasers.leace.fit({ ...train, labels: a });
  expect(leakage(held, b, "linear").balancedAccuracy).toBeGreaterThan(0.9);
  const own = leakage(apply(eraser, train), a, "linear");
  expect(own.interval![1]).toBeLessThan(0.5);
  expect(own.note).toContain("below chance");
  const other = leakage(apply(eraser, held), b, "linear");
  expect(other.balancedAccuracy).toBeGreaterThan(0.4);
  expect(other.balancedAccuracy).toBeLessThan(0.62);
});

describe("utility", () => {
  test("is a probe fitted on some rows and tried on others", () => {
    const { labels, x, d } = planted(500, 6, 3, 9);
    const part = (from: number, to: number) => ({
      x: x.slice(from * d, to * d),
      n: to - from,
      d,
      labels: labels.slice(from, to),
    });
    const score = utility(part(0, 300), part(300, 500));
    expect(score.n).toBe(200);
    expect(score.chance).toBeCloseTo(1 / 3);
    expect(score.balancedAccuracy).toBeGreaterThan(0.8);
    expect(score.accuracyInterval![0]).toBeLessThan(score.accuracy!);
    expect((score.accuracy! * 200) % 1).toBeCloseTo(0);
  });

  test("a class that was not fitted is not recognised", () => {
    const train = {
      x: Float32Array.of(0, 1, 10, 11),
      n: 4,
      d: 1,
      labels: Int32Array.of(0, 0, 1, 1),
    };
    const test = { x: Float32Array.of(0.5, 10.5, 10), n: 3, d: 1, labels: Int32Array.of(0, 1, 9) };
    const { accuracy, balancedAccuracy } = utility(train, test);
    expect([accuracy, balancedAccuracy]).toEqual([2 / 3, 2 / 3]);
  });

  test("without a second class, or without test rows, it says why not", () => {
    const rows = { x: Float32Array.of(1, 2), n: 2, d: 1, labels: Int32Array.of(0, 1) };
    const none = { x: new Float32Array(), n: 0, d: 1, labels: new Int32Array() };
    expect(utility({ ...rows, labels: new Int32Array(2) }, rows).reason).toContain("two classes");
    expect(utility(rows, none)).toMatchObject({ accuracy: null, reason: "no test rows" });
    expect(() => utility(rows, { ...none, d: 2 })).toThrow("expected test embeddings of 1 numbers");
  });
});
