/** @file What every eraser promises, whatever the data: equal means, no linear signal, projections, limits of alpha and rank. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEach, fitEach } from "../../src/debias/compose.ts";
import type { Embeddings, Train } from "../../src/debias/embeddings.ts";
import { apply, type Eraser, withStrength } from "../../src/debias/eraser.ts";
import { fromJSON, toJSON } from "../../src/debias/eraser-json.ts";
import { erasers, type EraserName } from "../../src/debias/erasers.ts";
import { classMeans, dot } from "../../src/run/linalg/products.ts";
import { matchedPairs } from "../../src/debias/erasers/pairs.ts";
import { random } from "../../src/run/random.ts";
import { maxDifference, planted } from "./tensors.ts";

const names = Object.keys(erasers) as EraserName[];
const atAlpha = (eraser: Eraser, alpha: number): Eraser =>
  withStrength(eraser, { alpha, k: eraser.k });

/** Largest distance between a class mean and the first class's, in any coordinate. */
function meanSpread(rows: Embeddings, labels: Int32Array): number {
  const { means } = classMeans(rows, labels, Math.max(...labels) + 1);
  return Math.max(...means.map((value, i) => Math.abs(value - means[i % rows.d]!)));
}

/** Balanced accuracy on its own rows of a logistic probe (gradient descent on standardised rows) for class 1 of 2. */
function probe({ x, n, d }: Embeddings, labels: Int32Array): number {
  const mean = classMeans({ x, n, d }, new Int32Array(n), 1).means;
  const z = Float64Array.from(x, (value, i) => value - mean[i % d]!);
  const weights = new Float64Array(d + 1);
  const score = (row: number) => weights[d]! + dot(z, row * d, weights, 0, d);
  const share = [0, 1].map((c) => labels.filter((label) => label === c).length);
  for (let step = 0; step < 200; step++) {
    const gradient = new Float64Array(d + 1);
    for (let row = 0; row < n; row++) {
      const error = (1 / (1 + Math.exp(-score(row))) - labels[row]!) / (2 * share[labels[row]!]!);
      for (let j = 0; j < d; j++) gradient[j]! += error * z[row * d + j]!;
      gradient[d]! += error;
    }
    for (let j = 0; j <= d; j++) weights[j]! -= 0.5 * gradient[j]!;
  }
  const hits = [0, 0];
  labels.forEach((label, row) => {
    if (Number(score(row) > 0) === label) hits[label]!++;
  });
  return (hits[0]! / share[0]! + hits[1]! / share[1]!) / 2;
}

/** Methods that promise equal class means; LEACE with concept-erasure's tolerance keeps directions it finds negligible. */
const exact = {
  leace: (train: Train) => erasers.leace.fit(train, { tolerance: 1e-9 }),
  "mean-difference": (train: Train) => erasers["mean-difference"].fit(train),
};

describe.each(Object.entries(exact))("%s", (_, fit) => {
  test("makes all class means equal, for any number of classes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 20 }), (classes, d) => {
        const train = planted(200, d, classes, `${classes} ${d}`);
        const eraser = fit(train);
        expect(eraser.k).toBeLessThanOrEqual(Math.min(d, classes - 1));
        expect(meanSpread(train, train.labels)).toBeGreaterThan(0.05);
        expect(meanSpread(apply(eraser, train), train.labels)).toBeLessThan(1e-10);
      }),
      { numRuns: 40 },
    );
  });

  test("a linear probe is at chance after, and was not before", () => {
    const train = planted(400, 12, 2, "probe");
    expect(probe(train, train.labels)).toBeGreaterThan(0.9);
    expect(probe(apply(fit(train), train), train.labels)).toBeCloseTo(0.5, 1);
  });

  test("keeps the mean of all rows, and is the identity when fitted on its own output", () => {
    const train = planted(300, 9, 3, "twice");
    const erased = apply(fit(train), train);
    const mean = (rows: Embeddings) => classMeans(rows, new Int32Array(rows.n), 1).means;
    expect(maxDifference(mean(erased), mean(train))).toBeLessThan(1e-10);
    const again = fit({ ...erased, labels: train.labels });
    expect(again.k).toBe(0);
    expect(apply(again, erased).x).toEqual(erased.x);
  });

  test("several concepts: none comes back when the next is erased", () => {
    const train = planted(500, 10, 4, "several");
    const concepts = [train.labels, train.labels.map((label, row) => (label + row) % 3)];
    const chain = fitEach(fit, train, concepts);
    const erased = applyEach(chain, train);
    for (const labels of concepts) expect(meanSpread(erased, labels)).toBeLessThan(1e-10);
  });
});

test("leace changes the rows less than any orthogonal projection that makes the means equal", () => {
  const train = planted(2000, 16, 2, "least");
  const moved = (name: EraserName) => {
    const { x } = apply(erasers[name].fit(train), train);
    return Float64Array.from(x, (value, i) => (value - train.x[i]!) ** 2).reduce(
      (a, b) => a + b,
      0,
    );
  };
  expect(moved("leace")).toBeLessThan(moved("mean-difference"));
});

describe.each(names)("%s", (name) => {
  const train = planted(240, 10, 3, "all methods");
  const eraser = erasers[name].fit(train);
  const once = apply(eraser, train);

  test("alpha 0 is the identity, 1 is idempotent, 2 is its own inverse", () => {
    expect(apply(atAlpha(eraser, 0), train).x).toEqual(train.x);
    expect(maxDifference(apply(eraser, once).x, once.x)).toBeLessThan(1e-9);
    const mirrored = apply(atAlpha(eraser, 2), train);
    expect(maxDifference(apply(atAlpha(eraser, 2), mirrored).x, train.x)).toBeLessThan(1e-9);
    expect(maxDifference(mirrored.x, train.x)).toBeGreaterThan(0.1);
  });

  test("alpha is linear: half the removal is half the way", () => {
    const half = apply(atAlpha(eraser, 0.5), train).x;
    expect(
      maxDifference(
        half,
        once.x.map((v, i) => (v + train.x[i]!) / 2),
      ),
    ).toBeLessThan(1e-12);
  });

  test("nothing is left in the directions it reads", () => {
    const { read, centre, d, k } = eraser;
    for (let j = 0; j < k; j++)
      for (let row = 0; row < train.n; row++)
        expect(dot(once.x, row * d, read, j * d, d) - dot(centre, 0, read, j * d, d)).toBeCloseTo(
          0,
          9,
        );
  });

  test("shares descend and sum to 1; k 0 is the identity", () => {
    expect([...eraser.share]).toEqual([...eraser.share].toSorted((a, b) => b - a));
    expect(eraser.share.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(apply(withStrength(eraser, { alpha: 1, k: 0 }), train).x).toEqual(train.x);
  });

  test("float32 rows stay float32 and come close; the fitted rows are not touched", () => {
    const x = Float32Array.from(train.x);
    const { x: out } = apply(eraser, { ...train, x });
    expect(out).toBeInstanceOf(Float32Array);
    expect(maxDifference(out, once.x)).toBeLessThan(1e-4);
    expect(x).toEqual(Float32Array.from(train.x));
  });

  test("JSON brings every bit back", () => {
    const weaker = withStrength(eraser, { alpha: 1 / 3, k: 1 });
    const back = fromJSON(JSON.parse(JSON.stringify(toJSON(weaker))));
    expect(back).toEqual(weaker);
    const { write, ...rest } = toJSON(weaker);
    expect(write === undefined).toBe(name !== "leace"); // a projection writes what it reads
    expect(fromJSON({ ...rest, write: write ?? rest.read })).toEqual(weaker);
    expect(apply(back, train).x).toEqual(apply(weaker, train).x);
  });

  test("fewer rows than dimensions, and a constant dimension", () => {
    const few = planted(12, 30, 2, "few");
    for (let row = 0; row < few.n; row++) few.x[row * 30 + 4] = 7;
    few.labels.set([0, 1]);
    const { x } = apply(erasers[name].fit(few), few);
    expect(x.every(Number.isFinite)).toBe(true);
  });

  test("bad input is named", () => {
    const bad = (change: Partial<Train>) => () => erasers[name].fit({ ...train, ...change });
    expect(bad({ labels: new Int32Array(240) })).toThrow(/at least two classes.*received 1/);
    expect(bad({ labels: new Int32Array(3) })).toThrow(/one for each of 240 .* received 3/);
    expect(bad({ labels: train.labels.map((v, i) => (i === 5 ? -1 : v)) })).toThrow(
      /row 5 has class -1/,
    );
    expect(bad({ x: train.x.map((v, i) => (i === 47 ? Number.NaN : v)) })).toThrow(
      /row 4, column 7 is NaN/,
    );
    expect(() => apply(eraser, { ...train, d: 12, n: 200 })).toThrow(
      /fitted on .* 10 .* received 12/,
    );
    expect(() => atAlpha(eraser, 2.1)).toThrow(/alpha.*0 to 2/);
    expect(() => withStrength(eraser, { alpha: 1, k: 11 })).toThrow(/k: .* received 11/);
  });
});

test("leace without shrinkage on a singular covariance still makes the means equal", () => {
  const train = planted(150, 8, 3, "singular");
  for (let row = 0; row < train.n; row++) train.x[row * 8 + 3] = 2 * train.x[row * 8 + 1]!;
  const eraser = erasers.leace.fit(train, { shrinkage: false });
  expect(eraser.k).toBe(2);
  expect(meanSpread(apply(eraser, train), train.labels)).toBeLessThan(1e-9);
});

test("C001-27: a planted direction is found by pairs and missed by per-class centring", () => {
  // an item is 16 numbers; its partner differs by 3 along the planted unit direction and a little noise
  const rng = random("planted pair");
  const d = 16;
  const direction = Float64Array.from({ length: d }, (_, j) => (j % 2 ? 1 : -1) / Math.sqrt(d));
  const n = 400;
  const x = new Float64Array(n * d);
  for (let row = 0; row < n; row += 2)
    for (let j = 0; j < d; j++) {
      const item = rng.normal() * 2;
      x[row * d + j] = item - 1.5 * direction[j]! + 0.1 * rng.normal();
      x[(row + 1) * d + j] = item + 1.5 * direction[j]! + 0.1 * rng.normal();
    }
  const labels = Int32Array.from({ length: n }, (_, row) => row % 2);
  const pairs = Int32Array.from({ length: n }, (_, row) => row);
  const found = (eraser: Eraser) => Math.abs(dot(eraser.read, 0, direction, 0, d));
  expect(found(erasers["pca-pair"].fit({ x, n, d, labels, pairs }))).toBeGreaterThan(0.99);
  expect(found(erasers["pca-class"].fit({ x, n, d, labels }))).toBeLessThan(0.6);
  // and with k = 1 the difference of the means survives per-class centring
  const gap = meanSpread({ x, n, d }, labels);
  const after = (name: "pca-pair" | "pca-class") =>
    meanSpread(
      apply(withStrength(erasers[name].fit({ x, n, d, labels, pairs }), { alpha: 1, k: 1 }), {
        x,
        n,
        d,
      }),
      labels,
    );
  expect(after("pca-pair")).toBeLessThan(0.1 * gap);
  expect(after("pca-class")).toBeGreaterThan(0.6 * gap);
});

test("matched pairs differ in the class, agree in the stratum, and use each row of the smaller class once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 3 })), {
        maxLength: 60,
      }),
      fc.integer(),
      (rows, seed) => {
        const labels = Int32Array.from(rows, ([label]) => label);
        const strata = Int32Array.from(rows, ([, stratum]) => stratum);
        const pairs = matchedPairs(labels, strata, seed);
        expect(matchedPairs(labels, strata, seed)).toEqual(pairs);
        const counts = new Map<string, number>();
        for (let p = 0; p < pairs.length; p += 2) {
          const [a, b] = [pairs[p]!, pairs[p + 1]!];
          expect(labels[a]).toBeLessThan(labels[b]!);
          expect(strata[a]).toBe(strata[b]);
          const key = `${strata[a]} ${labels[a]} ${labels[b]}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        const size = (stratum: number, label: number) =>
          rows.filter(([l, s]) => l === label && s === stratum).length;
        for (const stratum of [0, 1, 2, 3])
          for (const [a, b] of [
            [0, 1],
            [0, 2],
            [1, 2],
          ] as const)
            expect(counts.get(`${stratum} ${a} ${b}`) ?? 0).toBe(
              Math.min(size(stratum, a), size(stratum, b)),
            );
      },
    ),
  );
});

test("a damaged eraser file is refused by name", () => {
  const json = toJSON(erasers.leace.fit(planted(60, 5, 2, "json")));
  expect(() => fromJSON({ ...json, share: [] })).toThrow(/read: expected 0 rows of 5/);
  expect(() => fromJSON({ ...json, alpha: "1" })).toThrow(/alpha/);
  expect(() => fromJSON({ ...json, alpha: 3 })).toThrow(/alpha.*0 to 2/);
  expect(() => fromJSON(null)).toThrow(/eraser/);
});
