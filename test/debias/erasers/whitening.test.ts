/** @file Whitening against numpy's solve and inverse square root. */
import { describe, expect, test } from "vitest";
import { whitening } from "../../../src/debias/erasers/whitening.ts";
import { hasReference } from "../../golden.ts";
import { golden, maxDifference } from "../tensors.ts";

describe.skipIf(!hasReference)("whitening goldens", async () => {
  const { f64 } = hasReference
    ? await golden("linalg", "linalg.safetensors")
    : { f64: () => new Float64Array() };

  test("whitening: pull after whiten is the inverse, colour after whiten the identity", () => {
    const W = whitening(f64("spd"), 24);
    expect(maxDifference(W.pull(W.whiten(f64("spd.b"))), f64("spd.solve"))).toBeLessThan(1e-8);
    expect(maxDifference(W.colour(W.whiten(f64("spd.b"))), f64("spd.b"))).toBeLessThan(1e-10);
  });

  test("whitening of a singular matrix is the pseudo-inverse square root", () => {
    // spd beside a constant dimension: the last row and column are zero
    const d = 25;
    const singular = new Float64Array(d * d);
    const root = new Float64Array(d * d);
    for (let i = 0; i < 24; i++) {
      singular.set(f64("spd").subarray(i * 24, (i + 1) * 24), i * d);
      root.set(f64("spd.inverse_sqrt").subarray(i * 24, (i + 1) * 24), i * d);
    }
    const W = whitening(singular, d);
    for (const i of [0, 7, 24]) {
      const unit = Float64Array.from({ length: d }, (_, j) => Number(i === j));
      expect(maxDifference(W.whiten(unit), root.subarray(i * d, (i + 1) * d))).toBeLessThan(1e-8);
    }
  });
});
