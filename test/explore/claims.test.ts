import { expect, test } from "vitest";
import { checkClaims } from "../../src/explore/claims.ts";

const x = Float64Array.from([1, 0, 0.9, 0.1, 0, 1, 0, 0]);
const rows = { x, n: 4, d: 2 };
const ids = ["cat", "dog", "pizza", "nothing"];
const check = (near: readonly [string, string], ...than: (readonly [string, string])[]) =>
  checkClaims(rows, ids, [{ near, than }])[0]!;

test("a claim holds, or does not, by cosines", () => {
  expect(check(["cat", "dog"], ["cat", "pizza"], ["dog", "pizza"])).toMatchObject({
    holds: true,
    cosine: expect.closeTo(0.9938837, 6),
    closest: { pair: ["dog", "pizza"], cosine: expect.closeTo(0.1104315, 6) },
  });
  expect(check(["cat", "pizza"], ["cat", "dog"]).holds).toBe(false);
  expect(check(["cat", "dog"], ["dog", "cat"]).holds).toBe(false); // as alike is not more alike
});

test("null with the reason where it cannot be checked", () => {
  expect(check(["cat", "tree"], ["cat", "dog"])).toMatchObject({
    holds: null,
    reason: "there is no row tree",
  });
  expect(check(["cat", "dog"], ["cat", "nothing"])).toMatchObject({
    holds: null,
    reason: "a picture's embedding is all zeros",
  });
});
