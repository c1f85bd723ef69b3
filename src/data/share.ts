/** @file Some of the rows, for a quick trial. */
import { createHash } from "node:crypto";
import type { Manifest, Row } from "./row.ts";

/**
 * So many of the rows, in their order: those whose names have the lowest hashes. A smaller share is part of a larger
 * one, and no seed changes it.
 * @param share above 0, at most 1
 */
export function shareOf(manifest: Manifest, share: number): Manifest {
  if (share === 1) return manifest;
  const hash = ({ id }: Row): string => createHash("sha256").update(id).digest("hex");
  const ranked = manifest.rows
    .map((row) => ({ row, key: hash(row) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const kept = new Set(
    ranked.slice(0, Math.ceil(share * manifest.rows.length)).map(({ row }) => row),
  );
  return { ...manifest, rows: manifest.rows.filter((row) => kept.has(row)) };
}
