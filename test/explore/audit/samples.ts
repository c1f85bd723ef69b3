/** @file Clusters, labels and points for tests of the audit. */
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import type { Clustering } from "../../../src/explore/cluster/clustering.ts";
import type { Grouping, PredictedBy } from "../../../src/explore/grouping.ts";
import { encode } from "../../../src/eval/counts/cells.ts";
import { random } from "../../../src/run/random.ts";

/** Clusters by number, -1 for noise; centres and distances are of no matter here. */
export function clusteringOf(labels: readonly number[]): Clustering {
  const clusters = Math.max(-1, ...labels) + 1;
  return {
    labels: Int32Array.from(labels),
    clusters,
    centres: new Float64Array(clusters),
    distances: Float64Array.from(labels, (label, row) => (label < 0 ? Number.NaN : row / 8)),
    notes: [],
  };
}

export const groupingOf = (
  name: string,
  column: readonly (string | null)[],
  predicted: PredictedBy | null = null,
): Grouping => ({ name, predicted, ...encode(column) });

/** `counts[cluster][group]` rows of groups a, b, c, ... */
export function tableOf(
  counts: readonly (readonly number[])[],
  name = "g",
): { readonly clustering: Clustering; readonly grouping: Grouping } {
  const rows = counts.flatMap((row, c) =>
    row.flatMap((n, g) =>
      Array.from({ length: n }, () => [c, String.fromCharCode(97 + g)] as const),
    ),
  );
  return {
    clustering: clusteringOf(rows.map(([c]) => c)),
    grouping: groupingOf(
      name,
      rows.map(([, g]) => g),
    ),
  };
}

/** n rows dealt out at random to clusters and groups. */
export function dealt(
  n: number,
  clusters: number,
  groups: number,
  seed: number | string,
): { readonly clustering: Clustering; readonly grouping: Grouping } {
  const draw = random("dealt", seed);
  return {
    clustering: clusteringOf(Array.from({ length: n }, () => draw.int(clusters))),
    grouping: groupingOf(
      "g",
      Array.from({ length: n }, () => `g${String(draw.int(groups)).padStart(2, "0")}`),
    ),
  };
}

export const points = (rows: readonly (readonly number[])[]): Embeddings => ({
  x: Float64Array.from(rows.flat()),
  n: rows.length,
  d: rows[0]!.length,
});
