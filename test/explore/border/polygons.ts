/** @file What tests ask of rings. */

export type Ring = Float32Array | readonly number[];

/** Whether a point lies in rings, by the even-odd rule. */
export function isInside(rings: readonly Ring[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings)
    for (let k = 0; k + 3 < ring.length; k += 2) {
      const [x0, y0, x1, y1] = [ring[k]!, ring[k + 1]!, ring[k + 2]!, ring[k + 3]!];
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
    }
  return inside;
}

/** Area of rings; those that run clockwise count as holes. */
export const area = (rings: readonly Ring[]): number =>
  rings.reduce((sum, ring) => {
    let twice = 0;
    for (let k = 0; k + 3 < ring.length; k += 2)
      twice += ring[k]! * ring[k + 3]! - ring[k + 2]! * ring[k + 1]!;
    return sum + twice / 2;
  }, 0);

export const isClosed = (ring: Ring): boolean =>
  ring.length >= 8 && ring[0] === ring.at(-2) && ring[1] === ring.at(-1);
