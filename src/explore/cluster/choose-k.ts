/** @file The number of clusters, by silhouettes and by the elbow of inertia over a range. */
import { UsageError } from "../../run/errors.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { silent } from "../../run/progress.ts";
import { type KMeans, type KMeansOptions, kMeans } from "./kmeans.ts";
import { kneeBelowChord } from "./knee.ts";
import { silhouette } from "./silhouette.ts";

export interface KCurve {
  readonly k: readonly number[];
  readonly inertia: readonly number[];
  /** Mean silhouettes; null where undefined. */
  readonly silhouette: readonly (number | null)[];
  /** Rows that silhouettes were measured on when that was a sample of all; else null. */
  readonly sample: number | null;
  /** The k of the largest silhouette (ties: the smallest); null when all are undefined. */
  readonly best: number | null;
  /** The k at which inertia lies furthest below the chord between its ends; null for fewer than three k, or no bend. */
  readonly elbow: number | null;
  readonly notes: readonly string[];
}

/**
 * k-means for every k from `from` to `to`, and the clustering of the best k: of the first one where silhouettes are
 * undefined. k beyond the number of distinct rows are left out, with a note. @throws {UsageError} unless 1 <= from <= to
 */
export async function chooseK(
  x: Embeddings,
  {
    from,
    to,
    progress = silent,
    ...options
  }: Omit<KMeansOptions, "k" | "init"> & { readonly from: number; readonly to: number },
): Promise<{ curve: KCurve; clustering: KMeans }> {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 1 || to < from)
    throw new UsageError(`k: expected a range such as 2 to 20, received ${from} to ${to}`);
  const tried: { k: number; clustering: KMeans; silhouette: number | null }[] = [];
  const notes: string[] = [];
  let sample: number | null = null;
  for (let k = from; k <= to; k++) {
    const clustering = await kMeans(x, { ...options, k, progress });
    if (clustering.clusters < k && tried.length > 0) {
      notes.push(`k: ${from} to ${k - 1} in place of ${to}, as there are no more distinct rows`);
      break;
    }
    const quality = await silhouette(x, clustering.labels, {
      seed: options.seed ?? 0,
      progress,
    });
    if (quality.sampled) sample = quality.rows.length;
    tried.push({ k: clustering.clusters, clustering, silhouette: quality.mean });
    if (clustering.clusters < k) {
      notes.push(...clustering.notes);
      break;
    }
  }
  const best = tried.reduce((a, b) =>
    (b.silhouette ?? -Infinity) > (a.silhouette ?? -Infinity) ? b : a,
  );
  const ks = tried.map(({ k }) => k);
  const inertia = tried.map(({ clustering }) => clustering.inertia);
  const bend = kneeBelowChord(ks, inertia);
  return {
    curve: {
      k: ks,
      inertia,
      silhouette: tried.map((one) => one.silhouette),
      sample,
      best: best.silhouette === null ? null : best.k,
      elbow: bend === null ? null : ks[bend]!,
      notes,
    },
    clustering: best.clustering,
  };
}
