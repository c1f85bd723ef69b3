/** @file Golden tensors and small helpers for tests of erasers. */
import { expect } from "vitest";
import type { DebiasData } from "../../src/debias/debiaser.ts";
import { unitRows } from "../../src/run/linalg/embeddings.ts";
import type { Embeddings } from "../../src/debias/embeddings.ts";
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

/**
 * Unit image rows of a target of 2 classes and concepts of 2 and 3 that go with it, and texts that name the same things
 * a little off: as a model with two sides gives them.
 */
export function faces(n: number, d: number, seed: string): DebiasData {
  const rng = random("faces", seed);
  const directions = (count: number): Float64Array[] =>
    Array.from({ length: count }, () => Float64Array.from({ length: d }, () => rng.normal()));
  const common = directions(1)[0]!;
  const targetAt = directions(2);
  const conceptsAt = [directions(2), directions(3)];
  const target = Int32Array.from({ length: n }, () => rng.int(2));
  const concepts = conceptsAt.map(({ length }) =>
    target.map((label) => (rng.uniform() < 0.4 ? label : rng.int(length))),
  );
  const row = (parts: readonly Float64Array[], noise: number): number[] =>
    Array.from({ length: d }, (_, j) =>
      parts.reduce((sum, part) => sum + part[j]!, common[j]! + noise * rng.normal()),
    );
  const table = (rows: readonly number[][]): Embeddings =>
    unitRows({ x: Float64Array.from(rows.flat()), n: rows.length, d });
  const classes = table(targetAt.map((at) => row([at], 0.1)));
  return {
    images: table(
      Array.from(target, (label, i) =>
        row([targetAt[label]!, ...conceptsAt.map((at, c) => at[concepts[c]![i]!]!)], 1),
      ),
    ),
    target,
    concepts,
    prompts: conceptsAt.map((conceptAt) => {
      const cells = targetAt.flatMap((_, t) => conceptAt.map((__, c) => [t, c] as const));
      return {
        spurious: {
          ...table(conceptAt.map((at) => row([at], 0.1))),
          labels: Int32Array.from(conceptAt, (_, c) => c),
        },
        candidates: {
          ...table(cells.map(([t, c]) => row([targetAt[t]!, conceptAt[c]!], 0.1))),
          target: Int32Array.from(cells, ([t]) => t),
          labels: Int32Array.from(cells, ([, c]) => c),
        },
        classes,
        source: "texts",
      };
    }),
  };
}
