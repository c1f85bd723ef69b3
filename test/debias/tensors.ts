/** @file Golden tensors and small helpers for tests of erasers. */
import { expect } from "vitest";
import { readSafetensors } from "../../src/model/safetensors.ts";
import { random } from "../../src/run/random.ts";
import { reference } from "../golden.ts";

/** Tensors of a golden file by name, with their types asserted. */
export async function golden(...parts: readonly string[]) {
  const tensors = await readSafetensors(reference(...parts));
  const get = (name: string) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`no golden ${name}`);
    return tensor.data;
  };
  return {
    f64: (name: string): Float64Array => {
      const data = get(name);
      return data instanceof Float64Array ? data : Float64Array.from(data);
    },
    i32: (name: string): Int32Array => Int32Array.from(get(name)),
  };
}

export const maxDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
};

/** Rows of C classes: class means apart by about 2 sd along hidden directions, noise of unequal scale, a large mean. */
export function planted(n: number, d: number, classes: number, seed: string | number) {
  const rng = random("planted", seed);
  const means = Float64Array.from({ length: classes * d }, () => rng.normal());
  const labels = Int32Array.from({ length: n }, () => rng.int(classes));
  const x = new Float64Array(n * d);
  labels.forEach((label, row) => {
    for (let j = 0; j < d; j++)
      x[row * d + j] = 10 + means[label * d + j]! + rng.normal() * (0.5 + j / d);
  });
  return { x, n, d, labels };
}
