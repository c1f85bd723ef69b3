/** @file A numeric label cut into named bands. */
import { UsageError } from "../run/errors.ts";

/** Lower bounds of the default age bands: "0-17", "18-34", "35-59", "60+". */
export const AGE_BANDS: readonly number[] = [0, 18, 35, 60];

/**
 * The band of whole numbers that each value falls in, named by its ends; `bounds` are the bands' lower ends, ascending.
 * Throws UsageError when they are not. Values below the first bound have no band: null.
 */
export function bands(bounds: readonly number[]): (value: number) => string | null {
  const ascending = bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!);
  if (bounds.length === 0 || !ascending || !bounds.every(Number.isInteger)) {
    throw new UsageError(
      `age bands: expected ascending whole numbers such as ${AGE_BANDS.join(", ")}, received ${bounds.join(", ") || "none"}`,
    );
  }
  const names = bounds.map((bound, i) => {
    const next = bounds[i + 1];
    if (next === undefined) return `${bound}+`;
    return next - 1 === bound ? `${bound}` : `${bound}-${next - 1}`;
  });
  return (value) => names[bounds.findLastIndex((bound) => value >= bound)] ?? null;
}
