/** @file Texts against images: who comes first, and which clusters lie nearest. */
import type { Column } from "../../eval/counts/cells.ts";
import type { Estimate } from "../../eval/report/values.ts";
import type { RetrievalReport } from "../../eval/retrieval/report.ts";
import { retrieve } from "../../eval/retrieval/retrieve.ts";
import { twoSidedQuantile } from "../../eval/uncertainty/student-t.ts";
import { UsageError } from "../../run/errors.ts";
import { dot } from "../../run/linalg/products.ts";
import { type Embeddings, unitRows } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import type { Clustering } from "../cluster/clustering.ts";
import type { Grouping } from "../grouping.ts";
import { rowsByCluster } from "./permutation.ts";

/** How similar the rows of a cluster are to a text. */
export interface ClusterSimilarity {
  readonly cluster: number;
  readonly rows: number;
  /** Mean cosine, with the interval of a mean (Student's t). */
  readonly similarity: Estimate;
}

export interface QueryAudit {
  /** Composition and skew of the first rows: by each attribute, and by "cluster" (where an attribute is called so, "cluster by embedding"). Null, with why, where there is none. */
  readonly report: RetrievalReport | null;
  /** Clusters by query, nearest first. */
  readonly clusters: Readonly<Record<string, readonly ClusterSimilarity[]>>;
  /** What was not done as asked, one line each. */
  readonly notes: readonly string[];
}

export interface QueryOptions {
  /** First rows that are looked at. */
  readonly top: number;
  readonly level?: number;
  /** Of intervals and random rankings; 400 by default, for each goes through all rows. */
  readonly replicates?: number;
  readonly seed?: number;
}

/** What the clusters are called as an attribute of rows. */
const CLUSTER_ATTRIBUTE = "cluster";

/**
 * Cosine of every image with every text. [queries][n]
 * @throws UsageError when images and texts differ in their dimension
 */
export function similarities(images: Embeddings, texts: Embeddings): Float64Array[] {
  if (images.d !== texts.d)
    throw new UsageError(
      `queries: texts have ${texts.d} numbers and images ${images.d}; expected embeddings of one model`,
    );
  const [rows, queries] = [unitRows(images), unitRows({ ...texts, x: Float64Array.from(texts.x) })];
  return Array.from({ length: texts.n }, (_, q) =>
    new Float64Array(images.n).map((_, row) =>
      dot(rows.x, row * rows.d, queries.x, q * rows.d, rows.d),
    ),
  );
}

/**
 * Ranks the rows by their cosine with each text and measures whose rows come first (see `retrieve`).
 * @param scores of each query, by its name, as `similarities` gives them
 * @param ids names of the rows
 */
export function auditQueries(
  scores: Readonly<Record<string, Float64Array>>,
  ids: readonly string[],
  groupings: readonly Grouping[],
  clustering: Pick<Clustering, "labels" | "clusters"> | null,
  { top, level = 0.95, replicates = 400, seed = 0 }: QueryOptions,
  progress: Progress = silent,
): QueryAudit {
  const notes: string[] = [];
  const taken = groupings.some(({ name }) => name === CLUSTER_ATTRIBUTE);
  const clusters = taken ? `${CLUSTER_ATTRIBUTE} by embedding` : CLUSTER_ATTRIBUTE;
  const columns: readonly (readonly [string, Column])[] = [
    ...groupings.map((grouping) => [grouping.name, grouping] as const),
    ...(clustering ? [[clusters, clusterColumn(clustering)] as const] : []),
  ];
  const known = columns.map(([name, column]) => ({
    name,
    column,
    rows: column.codes.reduce((sum, code) => sum + Number(code >= 0), 0),
  }));
  for (const { name, rows } of known)
    if (rows === 0) notes.push(`no row has a ${name}: queries are not held against it`);
  const fewestOf = (of: typeof known): number => Math.min(top, ...of.map(({ rows }) => rows));
  const labelled = known.filter(({ name, rows }) => name !== clusters && rows > 0);
  const used = known.filter(
    ({ name, rows }) =>
      rows > 0 && (name !== clusters || labelled.length === 0 || rows >= fewestOf(labelled)),
  );
  // attributes are not looked at less far down because most rows are noise
  for (const { name, rows } of known)
    if (rows > 0 && !used.some((of) => of.name === name))
      notes.push(`only ${rows} rows have a ${name}: queries are not held against it`);
  const fewest = Math.min(...used.map(({ rows }) => rows));
  const k = Math.min(top, fewest);
  if (used.length > 0 && k < top)
    notes.push(
      `the first ${k} rows are looked at rather than ${top}: no more have a ${used.find(({ rows }) => rows === fewest)!.name}`,
    );
  const queries = Object.keys(scores).length;
  const report = queries === 0 || used.length === 0 ? null : measured();
  return {
    report,
    clusters: Object.fromEntries(
      Object.entries(scores).map(([query, of]) => [
        query,
        clustering ? byCluster(of, clustering, level) : [],
      ]),
    ),
    notes,
  };

  function measured(): RetrievalReport {
    progress.start("queries", queries * used.length);
    const report = retrieve(
      { ids, queries: scores, groups: Object.fromEntries(used.map((of) => [of.name, of.column])) },
      {
        ks: [k],
        attributes: used.map(({ name }) => name),
        uncertainty: { level, replicates, seed },
        onProgress: (done) => progress.update(done),
      },
    );
    progress.stop();
    return report;
  }
}

/** Clusters as an attribute of rows, named by their numbers. */
export const clusterColumn = ({
  labels,
  clusters,
}: Pick<Clustering, "labels" | "clusters">): Column => ({
  values: Array.from({ length: clusters }, (_, c) => String(c)),
  codes: labels,
});

function byCluster(
  scores: Float64Array,
  { labels, clusters }: Pick<Clustering, "labels" | "clusters">,
  level: number,
): ClusterSimilarity[] {
  const { order, start } = rowsByCluster(labels, clusters);
  return Array.from({ length: clusters }, (_, cluster) => {
    const rows = order.subarray(start[cluster], start[cluster + 1]);
    return { cluster, rows: rows.length, similarity: meanOf(rows, scores, level) };
  }).toSorted(
    (a, b) =>
      (b.similarity.value ?? Number.NEGATIVE_INFINITY) -
        (a.similarity.value ?? Number.NEGATIVE_INFINITY) || a.cluster - b.cluster,
  );
}

/** Mean of some rows, with Student's interval. */
function meanOf(rows: Int32Array, values: Float64Array, level: number): Estimate {
  const n = rows.length;
  if (n === 0) return { value: null, interval: null, reason: "no rows" };
  const value = rows.reduce((sum, row) => sum + values[row]!, 0) / n;
  if (n < 2) return { value, interval: null, note: "a single row" };
  const squares = rows.reduce((sum, row) => sum + (values[row]! - value) ** 2, 0);
  const half = twoSidedQuantile(level, n - 1) * Math.sqrt(squares / (n - 1) / n);
  return { value, interval: [value - half, value + half] };
}
