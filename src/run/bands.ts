/** @file A number cut into named bands. */
import { UsageError } from "./errors.ts";

/**
 * The band that each value falls in, named by its ends: "0-17", "18-34", "35+"; of bounds that are no whole numbers
 * "18.5-<25". `bounds` are the bands' lower ends, ascending. Throws UsageError when they are not. Values below the first
 * bound have no band: null.
 */
export function bands(bounds: readonly number[]): (value: number) => string | null {
  const ascending = bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!);
  if (bounds.length === 0 || !ascending || !bounds.every(Number.isFinite))
    throw new UsageError(
      `bands: expected ascending numbers such as 0, 18, 35, 60, received ${bounds.join(", ") || "none"}`,
    );
  const whole = bounds.every(Number.isInteger);
  const names = bounds.map((bound, i) => {
    const next = bounds[i + 1];
    if (next === undefined) return `${bound}+`;
    if (!whole) return `${bound}-<${next}`;
    return next - 1 === bound ? `${bound}` : `${bound}-${next - 1}`;
  });
  return (value) => names[bounds.findLastIndex((bound) => value >= bound)] ?? null;
}
