/** @file Rows of embeddings, and the check they must pass. */
import { EquiclipError, UsageError } from "../errors.ts";

/** `n` embeddings of `d` numbers each, row-major: x.length = n * d. */
export interface Embeddings {
  readonly x: Float32Array | Float64Array;
  readonly n: number;
  readonly d: number;
}

/** @throws {EquiclipError} when sizes disagree or a number is NaN or infinite (naming its row and column). */
export function checkEmbeddings({ x, n, d }: Embeddings): void {
  if (x.length !== n * d || d < 1)
    throw new UsageError(`embeddings: expected ${n} x ${d} numbers, received ${x.length}`);
  let bad = 0; // a plain loop: this runs over every number before every fit
  while (bad < x.length && Number.isFinite(x[bad])) bad++;
  if (bad < x.length)
    throw new EquiclipError(
      `embeddings: row ${Math.floor(bad / d)}, column ${bad % d} is ${x[bad]}; expected a finite number; re-encode or drop the row`,
    );
}

/** Rows of a matrix [N, D] by their numbers, in that order. */
export function takeRows(x: Embeddings["x"], d: number, rows: readonly number[]): Float32Array {
  const out = new Float32Array(rows.length * d);
  rows.forEach((from, to) => out.set(x.subarray(from * d, (from + 1) * d), to * d));
  return out;
}

/** Rows scaled to unit length, in an array of the same type; rows of zeros stay. */
export function unitRows<X extends Embeddings["x"]>({
  x,
  n,
  d,
}: Embeddings & { readonly x: X }): Embeddings & { readonly x: X } {
  const out = x.slice() as X;
  scaleRows(out, d);
  return { x: out, n, d };
}

/** Scales rows of `d` numbers to unit length where they lie; rows of zeros stay. */
export function scaleRows(x: Embeddings["x"], d: number): void {
  for (let from = 0; from < x.length; from += d) {
    let squares = 0;
    for (let i = from; i < from + d; i++) squares += x[i]! * x[i]!;
    const norm = Math.sqrt(squares);
    if (norm > 0) for (let i = from; i < from + d; i++) x[i]! /= norm;
  }
}
