/** @file Points whose clusters are known. */
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import { random } from "../../../src/run/random.ts";

/** Blobs of unit noise around centres `apart` from 0 in random directions; row i is of blob i % blobs. */
export function blobs(
  n: number,
  d: number,
  count: number,
  apart: number,
  seed: string | number,
): Embeddings & { readonly x: Float32Array; readonly labels: Int32Array } {
  const { normal } = random("blobs", seed);
  const centres = Array.from({ length: count }, () => {
    const row = Float64Array.from({ length: d }, normal);
    const length = Math.hypot(...row);
    return row.map((value) => (value * apart) / length);
  });
  const x = new Float32Array(n * d);
  for (let i = 0; i < n * d; i++) x[i] = centres[Math.floor(i / d) % count]![i % d]! + normal();
  return { x, n, d, labels: Int32Array.from({ length: n }, (_, i) => i % count) };
}

/** Two half circles around each other. */
export function twoMoons(n: number, noise: number): Embeddings & { readonly labels: Int32Array } {
  const { normal } = random("moons");
  const x = new Float64Array(2 * n);
  const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
  labels.forEach((moon, i) => {
    const at = (Math.PI * i) / n;
    x[2 * i] = (moon ? 1 - Math.cos(at) : Math.cos(at)) + noise * normal();
    x[2 * i + 1] = (moon ? 0.5 - Math.sin(at) : Math.sin(at)) + noise * normal();
  });
  return { x, n, d: 2, labels };
}

/** Labels renamed by first appearance: equal for equal partitions. */
export function partition(labels: Int32Array): number[] {
  const names = new Map<number, number>();
  return Array.from(labels, (label) => {
    if (label < 0) return -1;
    if (!names.has(label)) names.set(label, names.size);
    return names.get(label)!;
  });
}
