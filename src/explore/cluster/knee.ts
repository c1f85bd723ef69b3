/** @file Where a curve bends most. */

/**
 * The position at which a curve lies furthest from the chord between its ends, both axes scaled to [0, 1] (the knee of
 * Kneedle, Satopaa et al. 2011, without smoothing); ties: the first. The curve lies below its chord, as an
 * ascending k-distance curve and a descending inertia do. Null when it lies nowhere there: it is straight, or bends the
 * other way.
 * @param x ascending
 */
export function kneeBelowChord(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const last = x.length - 1;
  if (last < 2) return null;
  const width = x[last]! - x[0]!;
  const values = Array.from(y);
  const height = values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
  if (!(width > 0 && height > 0)) return null;
  let knee: number | null = null;
  let furthest = 1e-9; // rounding is no bend
  for (let i = 1; i < last; i++) {
    const chord = y[0]! + ((x[i]! - x[0]!) / width) * (y[last]! - y[0]!);
    const below = (chord - y[i]!) / height;
    if (below > furthest) {
      furthest = below;
      knee = i;
    }
  }
  return knee;
}
