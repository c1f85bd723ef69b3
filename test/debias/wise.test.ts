/** @file Weights between two checkpoints. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { interpolateWeights } from "../../src/debias/wise.ts";

const weights = (entries: Record<string, number[]>) =>
  new Map(
    Object.entries(entries).map(([name, data]) => [
      name,
      { shape: [data.length], data: Float32Array.from(data) },
    ]),
  );
const bits = (data: Float32Array) => [...new Uint32Array(data.buffer)];

test("between the ends every number lies on the line, the logit scale too", () => {
  const before = weights({ w: [0, 1, -4], logit_scale: [2] });
  const after = weights({ w: [1, 1, 4], logit_scale: [4] });
  const mixed = interpolateWeights(before, after, 0.25);
  expect([...mixed.get("w")!.data]).toEqual([0.25, 1, -2]);
  expect([...mixed.get("logit_scale")!.data]).toEqual([2.5]);
  expect([...before.get("w")!.data]).toEqual([0, 1, -4]);
});

test("both ends come back bit for bit, in arrays of their own", () => {
  const float = fc.float32Array({ minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(float, float, (a, b) => {
      const before = new Map([["w", { shape: [3], data: a }]]);
      const after = new Map([["w", { shape: [3], data: b }]]);
      const [zero, one] = [0, 1].map(
        (alpha) => interpolateWeights(before, after, alpha).get("w")!.data,
      );
      expect(bits(zero!)).toEqual(bits(a.slice()));
      expect(bits(one!)).toEqual(bits(b.slice()));
      expect(zero).not.toBe(a);
    }),
  );
});

test.each([
  [
    "a tensor that is missing after",
    weights({ a: [1], b: [1] }),
    weights({ a: [1] }),
    0.5,
    /wise: b: expected shape \[1\].*received none/,
  ],
  [
    "a tensor that is missing before",
    weights({ a: [1] }),
    weights({ a: [1], c: [1] }),
    0.5,
    /wise: c: only the fine-tuned/,
  ],
  [
    "another shape",
    weights({ a: [1, 2] }),
    weights({ a: [1] }),
    0.5,
    /wise: a: expected shape \[2\].*received \[1\]/,
  ],
  [
    "an alpha beyond 1",
    weights({ a: [1] }),
    weights({ a: [1] }),
    1.5,
    /alpha: expected 0 to 1, received 1.5/,
  ],
] as const)("%s is refused", (_, before, after, alpha, message) => {
  expect(() => interpolateWeights(before, after, alpha)).toThrow(message);
});
