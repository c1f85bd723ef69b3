/** @file The k-distance curve, from which DBSCAN's radius is chosen (Ester et al. 1996). */
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { nearestNeighbours } from "../neighbours.ts";
import { kneeBelowChord } from "./knee.ts";

export interface KDistance {
  /** Of neighbours, the row itself not counted. */
  readonly k: number;
  /** Distance of each row to its k-th neighbour, ascending. [n] */
  readonly curve: Float64Array;
  /** Distance at the knee: furthest below the chord between the curve's ends, both axes scaled to [0, 1]. Null without one. */
  readonly knee: number | null;
  /** Why there is no knee. */
  readonly reason: string | null;
  readonly notes: readonly string[];
}

/**
 * The curve for `minSamples` rows within a radius: k is one less, as DBSCAN counts the row itself, and at most rows - 1, with
 * a note.
 */
export async function kDistance(
  x: Embeddings,
  minSamples: number,
  { progress = silent }: { readonly progress?: Progress } = {},
): Promise<KDistance> {
  const wanted = Math.max(1, minSamples - 1);
  const k = Math.min(wanted, x.n - 1);
  const notes = k < wanted ? [`k-distance: k is ${k} in place of ${wanted}, of ${x.n} rows`] : [];
  if (k < 1)
    return { k, curve: new Float64Array(0), knee: null, reason: "fewer than two rows", notes };
  const { distances } = await nearestNeighbours(x, k, { progress });
  const curve = distances.filter((_, i) => i % k === k - 1).sort();
  const at = kneeBelowChord(Float64Array.from(curve.keys()), curve);
  const knee = at === null || curve[at] === 0 ? null : curve[at]!;
  const reason = knee === null ? "the curve has no knee above 0: distances hardly differ" : null;
  return { k, curve, knee, reason, notes };
}
