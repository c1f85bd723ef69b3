/** @file Fisher's exact test against scipy and sums of whole numbers. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { logFisherGreater } from "../../src/eval/uncertainty/fisher.ts";

// scipy 1.17.1: fisher_exact([[a, b], [c, d]], alternative="greater").pvalue
test.each([
  [3, 1, 1, 3, 0.24285714285714283],
  [0, 10, 5, 5, 1],
  [1, 29, 2, 968, 0.08741182063827356],
  [5, 5, 0, 10, 0.016253869969040248],
  [12, 18, 40, 930, 4.583546783108337e-9],
  [30, 0, 100, 870, 1.0752097235759036e-28],
  [50, 50, 1000, 98_900, 2.1863958503420093e-71],
])("%i of them marked, %i not; of the others %i, %i", (a, b, c, d, p) => {
  expect(Math.exp(logFisherGreater(a, a + b, c, c + d)) / p).toBeCloseTo(1, 8);
});

function chooseExactly(n: number, k: number): bigint {
  let product = 1n;
  for (let i = 1n; i <= BigInt(k); i++) product = (product * (BigInt(n) - BigInt(k) + i)) / i;
  return k < 0 || k > n ? 0n : product;
}

test("any whole counts: the sum of hypergeometric chances", () => {
  const counts = fc.tuple(
    fc.nat({ max: 60 }),
    fc.nat({ max: 60 }),
    fc.nat({ max: 60 }),
    fc.nat({ max: 60 }),
  );
  fc.assert(
    fc.property(counts, ([a, b, c, d]) => {
      const [n, marked] = [a + b, a + c];
      let sum = 0n;
      for (let k = a; k <= n; k++) sum += chooseExactly(n, k) * chooseExactly(c + d, marked - k);
      const exact = Number((sum * 10n ** 15n) / chooseExactly(n + c + d, marked)) / 1e15;
      expect(Math.exp(logFisherGreater(a, n, c, c + d))).toBeCloseTo(exact, 12);
    }),
  );
});

test("between whole counts it goes from one to the next without a turn", () => {
  for (let a = 4; a < 9.9; a += 0.1)
    expect(logFisherGreater(a + 0.1, 10, 30, 100)).toBeLessThan(logFisherGreater(a, 10, 30, 100));
});
