/** @file Some rows of a column. */
import type { Coded } from "./labels.ts";

/** Values of these rows, ascending indices; the column itself when they are all of them. */
export function take<A extends Int32Array | Float64Array>(values: A, rows: Int32Array): A {
  if (rows.length === values.length) return values;
  const taken = values.slice(0, rows.length) as A;
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
}

export const pick = ({ texts, codes }: Coded, rows: Int32Array): Coded => ({
  texts,
  codes: take(codes, rows),
});
