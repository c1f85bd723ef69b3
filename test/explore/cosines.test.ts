/** @file Cosines, queries and near-duplicates. */
import { expect, test } from "vitest";
import { cosineMatrix, mostAlike } from "../../src/explore/cosines.ts";
import { nearDuplicates } from "../../src/explore/near-duplicates.ts";
import { Components } from "../../src/data/components.ts";
import { random } from "../../src/run/random.ts";
import { blobs } from "./cluster/blobs.ts";

test("the matrix is symmetric with a diagonal of 1; rows of zeros have no cosine", () => {
  const x = { x: Float32Array.of(1, 0, 3, 4, 0, 0, -2, 0), n: 4, d: 2 };
  expect(cosineMatrix(x)).toEqual([
    [1, 0.6, null, -1],
    [0.6, 1, null, -0.6],
    [null, null, null, null],
    [-1, -0.6, null, 1],
  ]);
  const many = cosineMatrix(blobs(40, 7, 3, 2, "matrix"));
  many.forEach((row, i) =>
    row.forEach((value, j) => {
      expect(value).toBe(many[j]![i]);
      if (i === j) expect(value).toBe(1);
    }),
  );
});

test("a query returns itself first", () => {
  const x = blobs(100, 9, 4, 3, "query");
  for (const row of [0, 42, 99]) {
    const found = mostAlike(x, x.x.subarray(row * 9, row * 9 + 9), 5);
    expect(found[0]).toEqual({ row, cosine: 1 });
    expect(found.every(({ cosine }, i) => i === 0 || cosine <= found[i - 1]!.cosine)).toBe(true);
  }
  expect(() => mostAlike(x, new Float64Array(9), 5)).toThrow(/not all 0, received zeros/);
  expect(() => mostAlike(x, new Float64Array(3), 5)).toThrow(/9 numbers/);
});

test("planted copies are found, whatever their length, and nothing else is", async () => {
  const { x, n, d } = blobs(1500, 32, 3, 2, "copies");
  const { normal } = random("copies");
  const plant = (from: number, to: number, scale: number, noise: number): void => {
    for (let c = 0; c < d; c++) x[to * d + c] = scale * x[from * d + c]! + noise * normal();
  };
  plant(3, 700, 1, 0);
  plant(3, 1400, 5, 0.05);
  plant(10, 11, 1, 0.02);
  x.fill(0, 20 * d, 22 * d); // no direction: no copies of each other
  expect(await nearDuplicates({ x, n, d }, 0.98)).toEqual([
    [3, 700, 1400],
    [10, 11],
  ]);
});

test("groups equal those of all cosines", async () => {
  const x = blobs(300, 4, 6, 4, "pairs");
  const components = new Components(300);
  cosineMatrix(x).forEach((row, i) =>
    row.forEach((value, j) => {
      if (value! >= 0.97) components.join(i, j);
    }),
  );
  expect(await nearDuplicates(x, 0.97)).toEqual(components.groups());
});

test("identical rows are one group, at a cosine of 1 too", async () => {
  const same = { x: new Float32Array(2000 * 8).fill(0.7), n: 2000, d: 8 };
  expect(await nearDuplicates(same, 1)).toEqual([Array.from({ length: 2000 }, (_, i) => i)]);
  expect(await nearDuplicates({ x: Float32Array.of(1, 0, 0, 1), n: 2, d: 2 }, 0.95)).toEqual([]);
});
