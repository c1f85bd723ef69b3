/** @file What an exploration found: the value from which its page, its Markdown and its machine form are made. */
import type { Rejected } from "../data/row.ts";
import type { CaptionWords } from "./audit/captions.ts";
import type { ClusterChange } from "./audit/change.ts";
import type { ClusterGroups } from "./audit/cluster-groups.ts";
import type { ControlAudit } from "./audit/controls.ts";
import type { ClusterDiversity, Evenness } from "./audit/diversity.ts";
import type { Dominance } from "./audit/dominance.ts";
import type { ClusterName } from "./audit/names.ts";
import type { RebalancingPlan } from "./audit/plan.ts";
import type { CorrectedShares } from "./audit/predicted.ts";
import type { QueryAudit } from "./audit/query.ts";
import type { QueryChange } from "./audit/query-change.ts";
import type { TextAssociation } from "./audit/text-association.ts";
import type { HeldOut } from "./border/held-out.ts";
import type { BorderMask } from "./border-mask.ts";
import type { CheckedClaim } from "./claims.ts";
import type { Agreement } from "./cluster/agreement.ts";
import type { KCurve } from "./cluster/choose-k.ts";
import type { KDistance } from "./cluster/k-distance.ts";
import type { Silhouette } from "./cluster/silhouette.ts";
import type { FaceDrift } from "./drift/faces.ts";
import type { Pictures } from "./drift/manifest.ts";
import type { Match } from "./drift/matching.ts";
import type { SummaryRow } from "./drift/results.ts";
import type { DriftStatistics } from "./drift/statistics.ts";
import type { PredictedBy } from "./grouping.ts";
import type { Trustworthiness } from "./map/trustworthiness.ts";
import type { Recognition } from "./recognition.ts";
import type { Robustness } from "./robustness.ts";

export const EXPLORE_SCHEMA = "equiclip.explore/1";

export interface MapResult {
  readonly kind: "pca" | "tsne" | "umap";
  /** As people write it: t-SNE. */
  readonly name: string;
  readonly settings: Readonly<Record<string, number>>;
  /** Numbers a row that PCA left before; null where it was not asked for. */
  readonly reducedTo: number | null;
  readonly dimensions: number;
  readonly trustworthiness: Trustworthiness;
  /** Of t-SNE. */
  readonly kl: number | null;
  /** Share of the variance on each axis of PCA. */
  readonly explained: readonly number[] | null;
  readonly notes: readonly string[];
}

/** How a clustering came by its number of clusters, or its radius. */
export type Choice =
  | ({ readonly of: "k" } & KCurve)
  | ({ readonly of: "eps"; readonly minSamples: number } & KDistance);

export interface ClusteringResult {
  readonly name: string;
  readonly kind: "kmeans" | "dbscan";
  readonly settings: Readonly<Record<string, number>>;
  readonly choice: Choice | null;
  readonly clusters: number;
  /** Rows in no cluster. */
  readonly noise: number;
  readonly sizes: readonly number[];
  readonly evenness: Evenness;
  readonly silhouette: Pick<Silhouette, "mean" | "reason" | "sampled"> & {
    /** That it was measured on. */
    readonly rows: number;
  };
  readonly daviesBouldin: number | null;
  /** With each attribute. */
  readonly agreement: readonly (Agreement & { readonly attribute: string })[];
  readonly groups: readonly ClusterGroups[];
  readonly dominance: Dominance;
  /** Of attributes that a model told. */
  readonly corrected: readonly CorrectedShares[];
  readonly diversity: ClusterDiversity;
  readonly names: readonly ClusterName[];
  readonly captions: CaptionWords | null;
  readonly controls: ControlAudit | null;
  readonly notes: readonly string[];
}

/** Rows held out of map and borders; null with the reason where there are none. */
export interface BorderResult {
  readonly label: string;
  readonly map: "pca" | "umap";
  readonly kernel: "rbf" | "linear";
  /** Names of the label's codes. */
  readonly values: readonly string[];
  readonly heldOut:
    | (Pick<HeldOut, "onMap" | "onTrain" | "inFullSpace" | "majority" | "notes"> & {
        /** Rows. */
        readonly train: number;
        readonly test: number;
        readonly supports: number;
        readonly gamma: number | null;
      })
    | null;
  readonly reason: string | null;
}

export interface SpaceResult {
  readonly name: string;
  /** What its embeddings came from. */
  readonly about: Readonly<Record<string, string>>;
  readonly rows: number;
  readonly d: number;
  /** The space that it is compared with, and what was done to it; null for the space of an encoder. */
  readonly before: string | null;
  readonly maps: readonly MapResult[];
  readonly clusterings: readonly ClusteringResult[];
  /** By attribute. */
  readonly recognition: readonly (Recognition & { readonly attribute: string })[];
  readonly borders: BorderResult | null;
  readonly duplicates: {
    readonly cosine: number;
    /** Names of rows. */
    readonly groups: readonly (readonly string[])[];
    /** Share of rows that another one of their group makes superfluous. */
    readonly rate: number;
  };
  readonly queries: QueryAudit | null;
  /** Why there are none, where some were asked for. */
  readonly noQueries: string | null;
  /** Of texts with groups, largest effect first; null where none were asked for, or the space has no texts. */
  readonly associations: {
    /** Text whose cosine was taken off. */
    readonly neutral: string | null;
    /** Whether the encoder saw words other than its task's; what it says of others means nothing. */
    readonly knowsWords: boolean;
    readonly found: readonly TextAssociation[];
  } | null;
  /** The rows most alike to some, each of which comes first itself. */
  readonly alike: readonly {
    readonly id: string;
    readonly rows: readonly { readonly id: string; readonly cosine: number }[];
  }[];
  readonly claims: readonly CheckedClaim[];
  /** [rows, rows], of few rows; null for many. */
  readonly cosines: readonly (readonly (number | null)[])[] | null;
  readonly robustness: Robustness | null;
}

/** Clusters of two spaces of the same rows, held against each attribute. */
export interface SpaceChange {
  readonly before: string;
  readonly after: string;
  readonly clustering: string;
  /** Adjusted Rand index and others of the two clusterings. */
  readonly agreement: Agreement;
  readonly changes: readonly ClusterChange[];
  /** Who is found first for each query; with the first clustering alone. */
  readonly queries: readonly QueryChange[];
}

/** Do neutral prompts lie nearer to young, middle or older ones? */
export interface DriftResult {
  readonly of: "pictures" | "faces";
  /** The named set of prompts; null for other prompts, and for faces. */
  readonly templates: string | null;
  readonly summary: readonly SummaryRow[];
  readonly statistics: DriftStatistics;
  /** Pictures with the cosine of their own prompt, in CLIP's space; null where a vector is zero. */
  readonly matches: readonly Match[];
  /** Prompts without a picture. */
  readonly missing: Pictures["missing"];
  /** Spaces that are not there, and prompts that have no embedding in one; a line each. */
  readonly absent: readonly string[];
  /** Of faces. */
  readonly support: FaceDrift["support"];
  readonly leftOut: number;
}

export interface ExploreResult {
  readonly schema: typeof EXPLORE_SCHEMA;
  readonly name: string;
  readonly source: {
    readonly data: string;
    readonly rows: number;
    /** Rows that there were before some were drawn. */
    readonly of: number;
    readonly unreadable: readonly Rejected[];
    readonly rejected: readonly Rejected[];
  };
  readonly ids: readonly string[];
  readonly normalised: boolean;
  readonly groups: readonly {
    readonly attribute: string;
    readonly predicted: PredictedBy | null;
    readonly missing: number;
    readonly values: readonly { readonly value: string; readonly rows: number }[];
  }[];
  readonly absent: readonly { readonly encoder: string; readonly reason: string }[];
  readonly spaces: readonly SpaceResult[];
  readonly changes: readonly SpaceChange[];
  readonly plan: RebalancingPlan | null;
  readonly borderMask: BorderMask | null;
  readonly drift: DriftResult | null;
  readonly notes: readonly string[];
}
