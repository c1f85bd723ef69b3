/** @file How many bad files or records a run puts up with. */
import { EquiclipError, UsageError } from "../run/errors.ts";
import type { Manifest, Rejected } from "./row.ts";

const SHOWN = 5;

/** The first few rejected items, one a line, and how many more there are. */
function describeRejected(rejected: readonly Rejected[]): string {
  const lines = rejected.slice(0, SHOWN).map(({ id, reason }) => `  ${id}: ${reason}`);
  const more = rejected.length - SHOWN;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}

/**
 * Returns the manifest unchanged when at most the fraction `maxBad` (0 to 1) of its items was rejected.
 * Otherwise throws EquiclipError with the first reasons. Pass an audit's `unreadable` to count those as well.
 * @param option what the user sets `maxBad` by
 */
export function requireAccepted(
  manifest: Manifest,
  maxBad: number,
  unreadable: readonly Rejected[] = [],
  option = "data.maxBad",
): Manifest {
  const bad = [...manifest.rejected, ...unreadable];
  const total = manifest.rows.length + manifest.rejected.length;
  if (bad.length <= maxBad * total) return manifest;
  throw new EquiclipError(
    `${manifest.source}: ${bad.length} of ${total} items cannot be used, expected at most ${Math.floor(maxBad * total)} (${option} ${maxBad}); repair them or raise ${option}\n${describeRejected(bad)}`,
  );
}

/**
 * Throws EquiclipError with the first reasons when more than the fraction `maxBad` of `total` images are unreadable.
 * @param option what the user sets it by
 */
export function requireReadable(
  unreadable: readonly Rejected[],
  total: number,
  maxBad: number,
  option = "data.maxBad",
): void {
  if (unreadable.length <= maxBad * total) return;
  throw new EquiclipError(
    `${unreadable.length} of ${total} images cannot be read, expected at most ${Math.floor(maxBad * total)} (${option} ${maxBad}); repair them or raise ${option}\n${describeRejected(unreadable)}`,
  );
}

/** Throws UsageError when nothing at all could be read. */
export function requireRows(manifest: Manifest, expected: string): Manifest {
  if (manifest.rows.length > 0) return manifest;
  throw new UsageError(
    `${manifest.source}: no usable row among ${manifest.rejected.length} items, expected ${expected}\n${describeRejected(manifest.rejected)}`,
  );
}
