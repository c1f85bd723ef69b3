/** @file A numeric label of a manifest cut into named bands. */
import { bands } from "../run/bands.ts";
import { UsageError } from "../run/errors.ts";
import type { Manifest, Rejected, Row } from "./row.ts";

/** Lower bounds of the default age bands: "0-17", "18-34", "35-59", "60+". */
export const AGE_BANDS: readonly number[] = [0, 18, 35, 60];

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
