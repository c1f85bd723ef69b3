/** @file Neighbours against all distances by brute force. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearestNeighbours } from "../../src/explore/neighbours.ts";
import { UsageError } from "../../src/run/errors.ts";
import type { Embeddings } from "../../src/run/linalg/embeddings.ts";
import { random } from "../../src/run/random.ts";

function bruteForce(x: Embeddings, k: number, queries?: Embeddings) {
  const from = queries ?? x;
  const { d } = x;
  return Array.from({ length: from.n }, (_, i) =>
    Array.from({ length: x.n }, (_, j) => {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (from.x[i * d + c]! - x.x[j * d + c]!) ** 2;
      return { j, distance: Math.sqrt(sum) };
    })
      .filter(({ j }) => queries !== undefined || j !== i)
      .sort((a, b) => a.distance - b.distance || a.j - b.j)
      .slice(0, k),
  );
}

async function expectSame(x: Embeddings, k: number, queries?: Embeddings): Promise<void> {
  const { indices, distances } = await nearestNeighbours(x, k, { queries });
  const want = bruteForce(x, k, queries).flat();
  expect([...indices]).toEqual(want.map(({ j }) => j));
  expect([...distances]).toEqual(want.map(({ distance }) => distance));
}

const draw = (n: number, d: number, key: string, type: "float32" | "float64"): Embeddings => {
  const { normal } = random("neighbours", key);
  const x = (type === "float32" ? new Float32Array(n * d) : new Float64Array(n * d)).map(() =>
    normal(),
  );
  return { x: x as Float32Array, n, d };
};

describe("equal brute force", () => {
  test.each(["float32", "float64"] as const)("%s, over several blocks", (type) =>
    expectSame(draw(1500, 12, type, type), 7),
  );
  test("of queries", () =>
    expectSame(draw(200, 9, "rows", "float32"), 5, draw(60, 9, "queries", "float32")));

  test("where float32 products see no difference", async () => {
    // three tight heaps far from each other: distances within them are below float32's rounding of the norms
    const { normal, int } = random("neighbours", "tight");
    const [n, d] = [240, 8];
    const x = new Float32Array(n * d);
    for (let i = 0; i < n; i++)
      for (let c = 0; c < d; c++) x[i * d + c] = [1, -2, 3][i % 3]! * (c + 1) + 1e-4 * normal();
    for (let i = 0; i < 40; i++) x.copyWithin(int(n) * d, i * d, (i + 1) * d);
    await expectSame({ x, n, d }, 6);
  });

  test("of small integers, where most distances tie", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 6, maxLength: 120 }),
        fc.boolean(),
        async (d, numbers, single) => {
          const n = Math.floor(numbers.length / d);
          const own = numbers.slice(0, n * d);
          const x = single ? Float32Array.from(own) : Float64Array.from(own);
          await expectSame({ x, n, d }, Math.min(5, n - 1));
        },
      ),
      { numRuns: 60, seed: 7 },
    ));
});

test("identical rows are each other's neighbours at distance 0, and there may be thousands", async () => {
  const [n, d] = [4000, 64];
  const { indices, distances } = await nearestNeighbours(
    { x: new Float32Array(n * d).fill(0.3), n, d },
    3,
  );
  expect([...indices.subarray(0, 3)]).toEqual([1, 2, 3]);
  expect([...indices.subarray(3 * (n - 1))]).toEqual([0, 1, 2]);
  expect(distances.every((value) => value === 0)).toBe(true);
});

test("two rows have one neighbour each; more are refused in one line", async () => {
  const two = { x: Float32Array.of(0, 0, 3, 4), n: 2, d: 2 };
  const { indices, distances } = await nearestNeighbours(two, 1);
  expect([...indices, ...distances]).toEqual([1, 0, 5, 5]);
  await expect(nearestNeighbours(two, 2)).rejects.toThrow(UsageError);
  await expect(nearestNeighbours(two, 1, { queries: { ...two, n: 1, d: 4 } })).rejects.toThrow(
    /queries of 2 numbers/,
  );
});
