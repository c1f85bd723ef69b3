/** @file LEACE in one pass over batches is LEACE of all rows at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { erasers } from "../../../src/debias/erasers.ts";
import { leaceFromMoments } from "../../../src/debias/erasers/leace.ts";
import { mergeMoments, type Moments, momentsOf } from "../../../src/debias/erasers/moments.ts";
import { toAffine } from "../../../src/debias/eraser.ts";
import { maxDifference, planted } from "../tensors.ts";

const N = 300;
const D = 9;
const train = planted(N, D, 3, "moments");
const second = train.labels.map((label, row) => (label * row) % 2);

/** Moments of rows [from, to). */
const part = (from: number, to: number, shift = 0): Moments =>
  momentsOf({ x: train.x.slice(from * D, to * D).map((v) => v + shift), n: to - from, d: D }, [
    train.labels.slice(from, to),
    second.slice(from, to),
  ]);

/** Moments of the parts between cuts, merged in the order that `order` folds. */
const parts = (cuts: readonly number[], shift = 0): Moments[] => {
  const ends = [0, ...[...cuts].sort((a, b) => a - b), N];
  return ends.slice(1).map((to, i) => part(ends[i]!, to, shift));
};

const expectSame = (a: Moments, b: Moments, atol: number) => {
  expect(a.n).toBe(b.n);
  expect(maxDifference(a.mean, b.mean)).toBeLessThan(atol);
  expect(maxDifference(a.scatter, b.scatter)).toBeLessThan(atol);
  a.concepts.forEach(({ counts, deviations }, i) => {
    expect(counts).toEqual(b.concepts[i]!.counts);
    expect(maxDifference(deviations, b.concepts[i]!.deviations)).toBeLessThan(atol);
  });
};

const cutsOf = fc.array(fc.integer({ min: 0, max: N }), { maxLength: 8 });

describe("moments", () => {
  test("any cut into batches, empty ones and those without a class too, gives the same sums", () => {
    fc.assert(
      fc.property(cutsOf, (cuts) => {
        expectSame(parts(cuts).reduce(mergeMoments), part(0, N), 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  test("any order of merging gives the same sums", () => {
    fc.assert(
      fc.property(cutsOf, (cuts) => {
        const forwards = parts(cuts).reduce(mergeMoments);
        expectSame(parts(cuts).reduceRight(mergeMoments), forwards, 1e-9);
      }),
      { numRuns: 30 },
    );
  });

  test("are the textbook sums", () => {
    const { mean, scatter, concepts } = part(0, N);
    const at = (row: number, j: number) => train.x[row * D + j]!;
    const rows = [...train.labels.keys()];
    const m = (j: number) => rows.reduce((sum, row) => sum + at(row, j), 0) / N;
    expect(mean[4]).toBeCloseTo(m(4), 12);
    const product = rows.reduce((sum, row) => sum + (at(row, 4) - m(4)) * (at(row, 7) - m(7)), 0);
    expect(scatter[4 * D + 7]).toBeCloseTo(product, 9);
    const own = rows.filter((row) => train.labels[row] === 2);
    expect(concepts[0]!.counts[2]).toBe(own.length);
    expect(concepts[0]!.deviations[2 * D + 4]).toBeCloseTo(
      own.reduce((sum, row) => sum + at(row, 4) - m(4), 0),
      9,
    );
  });

  test("a common mean of a million costs no digits", () => {
    // 2^20 is added and taken off exactly, up to the rounding of the rows themselves
    const far = parts([40, 41, 200], 2 ** 20).reduce(mergeMoments);
    expectSame({ ...far, mean: far.mean.map((v) => v - 2 ** 20) }, part(0, N), 1e-6);
  });

  test("batches of different width are refused", () => {
    const other = momentsOf({ x: new Float64Array(8), n: 2, d: 4 }, [Int32Array.of(0, 1)]);
    expect(() => mergeMoments(part(0, 5), other)).toThrow(
      /expected 9 dimensions and 2 concepts .* received 4 and 1/,
    );
  });
});

describe("leace from batches", () => {
  const whole = erasers.leace.joint!(train, [train.labels, second]);

  test("is the batch fit", () => {
    fc.assert(
      fc.property(cutsOf, (cuts) => {
        const streamed = leaceFromMoments(parts(cuts).reduce(mergeMoments));
        expect(streamed.k).toBe(whole.k);
        expect(maxDifference(toAffine(streamed).matrix, toAffine(whole).matrix)).toBeLessThan(
          1e-10,
        );
        expect(maxDifference(toAffine(streamed).bias, toAffine(whole).bias)).toBeLessThan(1e-10);
      }),
      { numRuns: 40 },
    );
  });

  test("of one row at a time too", () => {
    const rows = [...train.labels.keys()].map((row) => part(row, row + 1));
    const streamed = leaceFromMoments(rows.reduce(mergeMoments));
    expect(maxDifference(toAffine(streamed).matrix, toAffine(whole).matrix)).toBeLessThan(1e-10);
  });

  test("needs rows of two classes in all, not in each batch", () => {
    expect(() => leaceFromMoments(part(0, 1))).toThrow(/at least 2 rows, received 1/);
    const one = momentsOf({ x: train.x.slice(0, 4 * D), n: 4, d: D }, [new Int32Array(4)]);
    expect(() => leaceFromMoments(one)).toThrow(/at least two classes .* received 1/);
  });
});
