/** @file Nearest neighbours of the same label, and distances of same and different labels. */
import { describe, expect, test } from "vitest";
import type { Neighbours } from "../../src/explore/neighbours.ts";
import { recognition } from "../../src/explore/recognition.ts";
import type { Embeddings } from "../../src/run/linalg/embeddings.ts";
import { random } from "../../src/run/random.ts";

const SEED = { seed: 1 };

/** All others of each row, by definition. */
function neighboursOf({ x, n, d }: Embeddings, k = n - 1): Neighbours {
  const indices = new Int32Array(n * k);
  const distances = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const others = Array.from({ length: n }, (_, j) => {
      let squares = 0;
      for (let c = 0; c < d; c++) squares += (x[i * d + c]! - x[j * d + c]!) ** 2;
      return { j, distance: Math.sqrt(squares) };
    })
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.distance - b.distance || a.j - b.j);
    others.slice(0, k).forEach(({ j, distance }, place) => {
      indices[i * k + place] = j;
      distances[i * k + place] = distance;
    });
  }
  return { k, indices, distances };
}

const line = (...at: readonly number[]): Embeddings => ({
  x: Float64Array.from(at),
  n: at.length,
  d: 1,
});

describe("by hand", () => {
  // a a b b b, at 0, 1, 1.5, 4, 6
  const x = line(0, 1, 1.5, 4, 6);
  const codes = Int32Array.of(0, 0, 1, 1, 1);
  const found = recognition(x, codes, 2, neighboursOf(x), { ...SEED, bins: 6 });

  test("leave-one-out: 3 of 5 have a nearest of their label, where chance gives 0.4", () => {
    expect(found.nearest).toMatchObject({ value: 0.6, right: 3, rows: 5 });
    expect(found.nearest.labels.map(({ right, rows }) => [right, rows])).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(found.chance).toBeCloseTo((2 * 1 + 3 * 2) / 20, 12);
  });

  test("distances: 1, 2.5, 4.5, 2 of the same label, six of different ones", () => {
    const { same, different, edges, auc } = found.distances!;
    expect(edges).toEqual(Float64Array.of(0, 1, 2, 3, 4, 5, 6));
    expect([...same.shares]).toEqual([0, 0.25, 0.5, 0, 0.25, 0]);
    expect(same).toMatchObject({ pairs: 4, all: 4, mean: 2.5, median: 2.25 });
    // 0.5, 1.5, 3, 4, 5, 6
    expect(different).toMatchObject({ pairs: 6, all: 6, median: 3.5 });
    expect(auc).toBeCloseTo((0 + 1 + 3 + 3 + 4 + 4) / 24, 12);
  });
});

describe("identical pictures", () => {
  const same: Embeddings = { x: new Float32Array(24).fill(0.3), n: 6, d: 4 };

  test("of one label: 1.0, and no different pairs to compare", () => {
    const found = recognition(same, new Int32Array(6), 1, neighboursOf(same), SEED);
    expect(found.nearest.value).toBe(1);
    expect(found).toMatchObject({ distances: null, reason: "no two rows have different labels" });
  });

  test("each twice, under one label a pair: 1.0, and every same pair is nearer", () => {
    const x = line(0, 0, 5, 5, 9, 9);
    const found = recognition(x, Int32Array.of(0, 0, 1, 1, 2, 2), 3, neighboursOf(x), SEED);
    expect(found.nearest.value).toBe(1);
    expect(found.distances!.auc).toBe(1);
    expect(found.distances!.same.shares[0]).toBe(1);
  });

  test("of two labels: ties count in part, so it is chance whatever the order; AUC 0.5", () => {
    for (const codes of [Int32Array.of(0, 0, 0, 1, 1, 1), Int32Array.of(0, 1, 0, 1, 0, 1)]) {
      const found = recognition(same, codes, 2, neighboursOf(same), SEED);
      expect(found.nearest.value).toBeCloseTo(0.4, 12);
      expect(found.chance).toBeCloseTo(0.4, 12);
      expect(found.distances!.auc).toBe(0.5);
    }
  });
});

test("pairs beyond the limit are drawn, seeded and said; what they tell is what all pairs do", () => {
  const draw = random("many");
  const codes = Int32Array.from({ length: 400 }, (_, row) => (row % 10 < 8 ? 0 : (row % 10) - 7));
  const x = line(...codes.map((code) => code + draw.normal()));
  const near = neighboursOf(x, 3);
  const all = recognition(x, codes, 3, near, SEED);
  expect(all.notes).toEqual([]);
  const some = (seed: number) => recognition(x, codes, 3, near, { seed, mostPairs: 20000 });
  expect(some(1)).toEqual(some(1));
  expect(some(2)).not.toEqual(some(1));
  expect(some(1).notes).toEqual([
    `20000 of ${all.distances!.same.all} pairs with same labels, drawn with seed 1`,
    `20000 of ${all.distances!.different.all} pairs with different labels, drawn with seed 1`,
  ]);
  expect(all.distances!.same.all + all.distances!.different.all).toBe((400 * 399) / 2);
  expect(Math.abs(some(1).distances!.auc - all.distances!.auc)).toBeLessThan(0.01);
  expect(some(1).distances!.same.mean).toBeCloseTo(all.distances!.same.mean, 1);
  expect(some(1).distances!.different.mean).toBeCloseTo(all.distances!.different.mean, 1);
});

describe("hard cases", () => {
  test("two images of two labels: 0, by chance too", () => {
    const x = line(0, 1);
    const found = recognition(x, Int32Array.of(0, 1), 2, neighboursOf(x), SEED);
    expect(found.nearest.value).toBe(0);
    expect(found.chance).toBe(0);
    expect(found).toMatchObject({ distances: null, reason: "no two rows have the same label" });
  });

  test("rows without a label are no one's neighbours; who has no other is left out, and it is said", () => {
    const x = line(0, 0.1, 1, 10, 10.1, 10.2);
    const codes = Int32Array.of(0, -1, 0, 1, -1, -1);
    const found = recognition(x, codes, 2, neighboursOf(x, 2), SEED);
    expect(found.nearest).toMatchObject({ value: 1, rows: 2 });
    expect(found.notes).toEqual(["1 rows left out: none of their 2 nearest has a label"]);
  });

  test("no labels, and 40 of them", () => {
    const x = line(...Array.from({ length: 80 }, (_, row) => Math.floor(row / 2) + (row % 2) / 4));
    const none = recognition(x, new Int32Array(80).fill(-1), 1, neighboursOf(x, 1), SEED);
    expect(none.nearest).toMatchObject({ value: null, rows: 0, reason: "no rows" });
    expect(none.chance).toBeNull();
    const codes = Int32Array.from({ length: 80 }, (_, row) => row >> 1);
    expect(recognition(x, codes, 40, neighboursOf(x, 1), SEED).nearest.value).toBe(1);
  });
});
