/** @file The kernel against its definition, and through products of every shape. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { dot, productTransposed } from "../../../src/run/linalg/products.ts";
import { addTile, workspace } from "../../../src/run/linalg/tile-kernel.ts";
import { random } from "../../../src/run/random.ts";

test("a tile gets the products of its panels added, in the order of the rows, to the bit", () => {
  const rng = random("tile");
  for (const count of [1, 2, 7, 300]) {
    const space = workspace(8 * count + 16);
    const before = space.map(() => rng.normal());
    space.set(before);
    addTile(0, 4 * count, count, 8 * count);
    for (let r = 0; r < 4; r++)
      for (let c = 0; c < 4; c++) {
        let sum = before[8 * count + 4 * r + c]!;
        for (let i = 0; i < count; i++) sum += before[4 * i + r]! * before[4 * count + 4 * i + c]!;
        expect(space[8 * count + 4 * r + c]).toBe(sum);
      }
    expect(space.subarray(0, 8 * count)).toEqual(before.subarray(0, 8 * count));
  }
});

test("the workspace grows", () => {
  for (const length of [10, 100_000, 1_000_000]) expect(workspace(length).length).toBe(length);
});

test("A B' of any shape is made of dot products, to the bit", () => {
  const size = fc.integer({ min: 1, max: 14 });
  fc.assert(
    fc.property(size, size, size, fc.boolean(), (rows, columns, inner, single) => {
      const rng = random("product", rows, columns, inner);
      const numbers = (length: number) => Float64Array.from({ length }, () => rng.normal());
      const a = single ? Float32Array.from(numbers(rows * inner)) : numbers(rows * inner);
      const b = numbers(columns * inner);
      const out = new Float64Array(rows * columns + 3).fill(7);
      productTransposed(a, rows, b, columns, inner, out);
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++)
          expect(out[r * columns + c]).toBe(dot(a, r * inner, b, c * inner, inner));
      expect([...out.subarray(rows * columns)]).toEqual([7, 7, 7]);
    }),
  );
});
