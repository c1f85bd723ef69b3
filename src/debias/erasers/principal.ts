/** @file Principal directions of a scatter matrix as an eraser's directions. */
import type { Directions } from "../eraser.ts";
import { symmetricEigen } from "../../run/linalg/decompositions.ts";

/** All D unit eigenvectors, largest variance first, as a projection around 0; `share` is the explained variance ratio. */
export function principalDirections(scatter: Float64Array, d: number): Directions {
  const { values, vectors } = symmetricEigen(scatter, d);
  const variances = values.map((value) => Math.max(0, value)); // rounding can leave a zero below zero
  const total = variances.reduce((a, b) => a + b, 0) || 1;
  return {
    centre: new Float64Array(d),
    read: vectors,
    write: vectors,
    share: variances.map((value) => value / total),
  };
}
