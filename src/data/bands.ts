/** @file A numeric label cut into named bands. */
import { UsageError } from "../run/errors.ts";
import type { Manifest, Rejected, Row } from "./row.ts";

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

/**
 * Gives every row the label `attribute`: the band that its number `of` falls in, for instance `age_band` of `age`. Rows
 * below every band are rejected.
 */
export function withBands(
  manifest: Manifest,
  of: string,
  attribute: string,
  bounds: readonly number[],
): Manifest {
  const bandOf = bands(bounds);
  const rows: Row[] = [];
  const rejected: Rejected[] = [...manifest.rejected];
  for (const row of manifest.rows) {
    const value = row.numbers[of];
    if (value === undefined)
      throw new UsageError(`${row.id}: no number "${of}" to make ${attribute} of`);
    const band = bandOf(value);
    if (band === null) rejected.push({ id: row.id, reason: `${of} ${value} is below every band` });
    else rows.push({ ...row, labels: { ...row.labels, [attribute]: band } });
  }
  return { ...manifest, rows, rejected };
}
