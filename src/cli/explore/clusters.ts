/** @file The clusters of a space: each clustering computed once and kept, then held against groups, captions and style. */
import { captionWords } from "../../explore/audit/captions.ts";
import { clusterGroups } from "../../explore/audit/cluster-groups.ts";
import { type ControlValues, auditControls } from "../../explore/audit/controls.ts";
import { clusterDiversity, evenness } from "../../explore/audit/diversity.ts";
import { dominance } from "../../explore/audit/dominance.ts";
import { type NamingTexts, nameClusters } from "../../explore/audit/names.ts";
import { correctedShares } from "../../explore/audit/predicted.ts";
import { clusterColumn } from "../../explore/audit/query.ts";
import { type Agreement, agreement } from "../../explore/cluster/agreement.ts";
import { chooseK } from "../../explore/cluster/choose-k.ts";
import type { Clustering } from "../../explore/cluster/clustering.ts";
import { dbscan } from "../../explore/cluster/dbscan.ts";
import { kDistance } from "../../explore/cluster/k-distance.ts";
import { kMeans } from "../../explore/cluster/kmeans.ts";
import { daviesBouldin, silhouette } from "../../explore/cluster/silhouette.ts";
import type { Grouping } from "../../explore/grouping.ts";
import type { Choice, ClusteringResult } from "../../explore/result.ts";
import type { ExploreAudit, ExploreCluster, ExploreConfig } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import type { Progress } from "../../run/progress.ts";
import type { Steps } from "./steps.ts";

/** What clusters of a space are held against, row by row. */
export interface Against {
  readonly groupings: readonly Grouping[];
  readonly captions: readonly (string | null)[] | null;
  /** Brightness and the like of each image; null where they were not asked for, or there are no images. */
  readonly controls: ControlValues | null;
  /** What clusters may be called; null for a space without texts. */
  readonly names: NamingTexts | null;
}

export interface FoundClusters {
  readonly clustering: Clustering;
  readonly result: ClusteringResult;
}

interface Found {
  readonly clustering: Clustering;
  readonly settings: Readonly<Record<string, number>>;
  readonly choice: Choice | null;
}

type Finders = {
  readonly [K in ExploreCluster["kind"]]: (
    spec: Extract<ExploreCluster, { kind: K }>,
    x: Embeddings,
    spherical: boolean,
    progress: Progress,
  ) => Promise<Found>;
};

const FIND: Finders = {
  kmeans: async ({ k, restarts, seed }, x, spherical, progress) => {
    const options = { restarts, seed, spherical, progress };
    if (typeof k === "number")
      return {
        clustering: await kMeans(x, { ...options, k }),
        settings: { k, restarts, seed },
        choice: null,
      };
    const [from, to] = k;
    const { curve, clustering } = await chooseK(x, { ...options, from, to });
    return {
      clustering,
      settings: { k: clustering.clusters, restarts, seed },
      choice: { of: "k", ...curve },
    };
  },
  dbscan: async ({ eps: asked, minSamples }, x, _spherical, progress) => {
    const curve = await kDistance(x, minSamples, { progress });
    const eps = asked === "auto" ? curve.knee : asked;
    const choice: Choice = { of: "eps", minSamples, ...curve };
    if (eps === null) {
      const reason = `eps: auto found none (${curve.reason}): every row is noise; give one`;
      return { clustering: allNoise(x, reason), settings: { minSamples }, choice };
    }
    return {
      clustering: await dbscan(x, { eps, minSamples, progress }),
      settings: { eps, minSamples },
      choice,
    };
  },
};

const allNoise = ({ n }: Embeddings, reason: string): Clustering => ({
  labels: new Int32Array(n).fill(-1),
  clusters: 0,
  centres: new Float64Array(0),
  distances: new Float64Array(n).fill(Number.NaN),
  notes: [reason],
});

const NAMES: { readonly [K in ExploreCluster["kind"]]: string } = {
  kmeans: "k-means",
  dbscan: "DBSCAN",
};

const clusteringName = ({ as, kind }: ExploreCluster): string => as ?? NAMES[kind];

/** @throws UsageError when two clusterings have one name */
export function checkNames(clusters: ExploreConfig["clusters"]): void {
  const names = clusters.map(clusteringName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(
      `clusters: two are called ${twice}; name one of them with as, such as as: ${twice}-2`,
    );
}

/**
 * @param digest of the rows
 * @param spherical whether rows are of unit length: then clusters are by cosine
 */
export async function findClusters(
  x: Embeddings,
  digest: string,
  { clusters, normalise, audit }: Pick<ExploreConfig, "clusters" | "normalise" | "audit">,
  against: Against,
  steps: Steps,
  progress: Progress,
): Promise<FoundClusters[]> {
  const out: FoundClusters[] = [];
  for (const spec of clusters) {
    const found = await steps.keep(`clusters-${spec.kind}`, [digest, spec, normalise], () =>
      (FIND[spec.kind] as (typeof FIND)["kmeans"])(
        spec as Extract<ExploreCluster, { kind: "kmeans" }>,
        x,
        normalise,
        progress,
      ),
    );
    out.push({
      clustering: found.clustering,
      result: await describe(x, spec, found, audit, against, progress),
    });
  }
  return out;
}

/** Of rows with a label: those without are no group of their own. */
function labelledAgreement(labels: Int32Array, codes: Int32Array): Agreement {
  const isLabelled = (_: number, row: number): boolean => codes[row]! >= 0;
  return agreement(labels.filter(isLabelled), codes.filter(isLabelled));
}

async function describe(
  x: Embeddings,
  spec: ExploreCluster,
  { clustering, settings, choice }: Found,
  audit: ExploreAudit,
  { groupings, captions, controls, names }: Against,
  progress: Progress,
): Promise<ClusteringResult> {
  const { labels, clusters, notes } = clustering;
  const sizes = new Int32Array(clusters);
  for (const label of labels) if (label >= 0) sizes[label]! += 1;
  const groups = clusterGroups(clustering, groupings, { permutations: audit.permutations });
  const dominant = dominance(groups, audit.dominance);
  const told = groupings.filter(({ predicted }) => predicted !== null);
  const quality = await silhouette(x, labels, { progress });
  const words =
    captions && captionWords(captions, clusterColumn(clustering), { terms: audit.terms });
  return {
    name: clusteringName(spec),
    kind: spec.kind,
    settings,
    choice,
    clusters,
    noise: labels.reduce((sum, label) => sum + Number(label < 0), 0),
    sizes: [...sizes],
    evenness: evenness(sizes),
    silhouette: { ...quality, rows: quality.rows.length },
    daviesBouldin: daviesBouldin(x, labels),
    agreement: groupings.map(({ name, codes }) => ({
      attribute: name,
      ...labelledAgreement(labels, codes),
    })),
    groups,
    dominance: dominant,
    corrected: told.map((grouping) => correctedShares(clustering, grouping)),
    diversity: clusterDiversity(x, clustering),
    names: nameClusters(clustering, { texts: names, captions: words, dominance: dominant }),
    captions: words,
    controls:
      controls &&
      auditControls(clustering, controls, groupings, { permutations: audit.permutations }),
    notes,
  };
}
