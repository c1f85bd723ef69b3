/** @file The curve by which UMAP turns distances in the map into closeness. */

/** 1 / (1 + a distance^(2b)). */
export interface Closeness {
  readonly a: number;
  readonly b: number;
}

const POINTS = 300;
const STEPS = 100;

/**
 * The curve nearest, in least squares over distances from 0 to 3, to 1 up to `minDist` and exp(minDist - distance)
 * beyond: by Gauss and Newton's steps, halved until they improve, from a = b = 1.
 */
export function closenessOf(minDist: number): Closeness {
  const distances = Array.from({ length: POINTS }, (_, i) => (3 * i) / (POINTS - 1));
  const wanted = distances.map((at) => (at < minDist ? 1 : Math.exp(minDist - at)));
  const value = (a: number, b: number, at: number): number => 1 / (1 + a * at ** (2 * b));
  const error = (a: number, b: number): number =>
    distances.reduce((sum, at, i) => sum + (value(a, b, at) - wanted[i]!) ** 2, 0);
  let [a, b] = [1, 1];
  for (let step = 0; step < STEPS; step++) {
    let [aa, ab, bb, ra, rb] = [0, 0, 0, 0, 0];
    distances.forEach((at, i) => {
      if (at === 0) return; // the curve is 1 there whatever a and b are
      const here = value(a, b, at);
      const slope = -(here ** 2) * at ** (2 * b);
      const [byA, byB] = [slope, slope * a * 2 * Math.log(at)];
      const rest = wanted[i]! - here;
      aa += byA * byA;
      ab += byA * byB;
      bb += byB * byB;
      ra += byA * rest;
      rb += byB * rest;
    });
    const determinant = aa * bb - ab * ab;
    const [da, db] = [(ra * bb - rb * ab) / determinant, (rb * aa - ra * ab) / determinant];
    const before = error(a, b);
    let part = 1;
    while (part > 1e-12 && !(a + part * da > 0 && error(a + part * da, b + part * db) < before))
      part /= 2;
    if (part <= 1e-12) break;
    a += part * da;
    b += part * db;
  }
  return { a, b };
}
