/** @file A whitening W of a covariance S: W S W' is the identity on the space S spans. */
import { cholesky, symmetricEigen } from "../../run/linalg/decompositions.ts";
import { dot, transpose } from "../../run/linalg/products.ts";

/** Linear maps of one vector [D] each. */
export interface Whitening {
  /** W v */
  whiten(v: Float64Array): Float64Array;
  /** W' u: reading the result off x is reading u off W x. */
  pull(u: Float64Array): Float64Array;
  /** W^+ u: back to the units of x. */
  colour(u: Float64Array): Float64Array;
}

/**
 * W = L^-1 of S = L L', at a sixtieth of the cost of S^(-1/2). The two differ by a rotation, which leaves singular
 * values of W A and every W^+ u u' W the same. A singular S (fewer rows than dimensions, constant dimensions) has no
 * such factor and takes the pseudo-inverse square root, with eigenvalues below D * eps * largest as zero.
 */
export function whitening(covariance: Float64Array, d: number): Whitening {
  const lower = cholesky(covariance, d);
  return lower ? triangular(lower, d) : symmetric(covariance, d);
}

function triangular(lower: Float64Array, d: number): Whitening {
  const upper = transpose(lower, d);
  return {
    whiten(v) {
      const out = Float64Array.from(v);
      for (let i = 0; i < d; i++)
        out[i] = (out[i]! - dot(out, 0, lower, i * d, i)) / lower[i * d + i]!;
      return out;
    },
    pull(u) {
      const out = Float64Array.from(u);
      for (let i = d - 1; i >= 0; i--) {
        const rest = out.subarray(i + 1);
        out[i] = (out[i]! - dot(rest, 0, upper, i * d + i + 1, d - i - 1)) / upper[i * d + i]!;
      }
      return out;
    },
    colour: (u) => u.map((_, i) => dot(u, 0, lower, i * d, i + 1)),
  };
}

function symmetric(covariance: Float64Array, d: number): Whitening {
  const { values, vectors } = symmetricEigen(covariance, d);
  const floor = d * Number.EPSILON * values[0]!;
  /** V f(eigenvalue) V' v over the eigenvalues above the floor. */
  const spectral = (f: (value: number) => number) => (v: Float64Array) => {
    const out = new Float64Array(d);
    values.forEach((value, j) => {
      if (value <= floor) return;
      const amount = f(value) * dot(v, 0, vectors, j * d, d);
      for (let i = 0; i < d; i++) out[i]! += amount * vectors[j * d + i]!;
    });
    return out;
  };
  const inverseRoot = spectral((value) => 1 / Math.sqrt(value));
  return { whiten: inverseRoot, pull: inverseRoot, colour: spectral(Math.sqrt) };
}
