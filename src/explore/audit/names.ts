/** @file Short names of clusters: words of a text encoder, else of captions, else the group that is most over-represented. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { UsageError } from "../../run/errors.ts";
import type { Clustering } from "../cluster/clustering.ts";
import type { CaptionWords } from "./captions.ts";
import type { Dominance } from "./dominance.ts";

export interface ClusterName {
  /** Best first; null where nothing tells. */
  readonly words: readonly string[] | null;
  readonly from: "text" | "captions" | "groups" | null;
  /** Cosine of each word, of names from text; else null. */
  readonly scores: readonly number[] | null;
}

/** What a word is put into before it is embedded. */
export const NAME_PROMPT = "a photo of a {word}";

/** Words and their embeddings, a row each, by the encoder of the images. */
export interface NamingTexts {
  readonly words: readonly string[];
  readonly embeddings: Embeddings;
}

/**
 * A few words for each cluster: from texts where there are any, else from captions, else from dominant groups.
 * @param clustering its centres are in the space of the texts
 * @throws UsageError when texts have another dimension than the centres
 */
export function nameClusters(
  clustering: Pick<Clustering, "clusters" | "centres">,
  {
    texts = null,
    captions = null,
    dominance = null,
  }: {
    readonly texts?: NamingTexts | null;
    /** By cluster, in their order. */
    readonly captions?: CaptionWords | null;
    readonly dominance?: Dominance | null;
  },
  several = 3,
  level = 0.05,
): ClusterName[] {
  if (texts && texts.words.length > 0) return namesFromTexts(clustering, texts, several);
  return Array.from({ length: clustering.clusters }, (_, cluster) => {
    const words = (captions?.groups[cluster]?.words ?? [])
      .filter(({ pHolm }) => pHolm <= level)
      .map(({ word }) => word);
    if (words.length > 0) return { words: words.slice(0, several), from: "captions", scores: null };
    const groups = (dominance?.flags ?? [])
      .filter((flag) => flag.cluster === cluster)
      .map(({ group }) => group);
    if (groups.length > 0) return { words: groups.slice(0, several), from: "groups", scores: null };
    return { words: null, from: null, scores: null };
  });
}

/** How many of a cluster's best words are tried before two clusters get the same first one. */
const TRIED = 10;

/**
 * Words by their cosine with what sets the cluster's centre apart: the centre less the mean of all centres, the word less
 * the mean of all words. No word comes first for two clusters while one of the cluster's ten best is left; the cluster
 * that a word fits best has it.
 */
function namesFromTexts(
  { clusters, centres }: Pick<Clustering, "clusters" | "centres">,
  { words, embeddings }: NamingTexts,
  several: number,
): ClusterName[] {
  const d = centres.length / Math.max(1, clusters);
  if (clusters > 0 && d !== embeddings.d)
    throw new UsageError(
      `names of clusters: words have ${embeddings.d} numbers and centres ${d}; expected embeddings of one model`,
    );
  const apart = directions(centres, clusters, embeddings.d);
  const meanings = directions(embeddings.x, words.length, embeddings.d);
  const cosines = apart.map((centre) =>
    meanings.map((word) => centre.reduce((sum, of, j) => sum + of * word[j]!, 0)),
  );
  const ranked = cosines.map((of) => [...of.keys()].toSorted((a, b) => of[b]! - of[a]! || a - b));
  const first = cosines.map((): number | null => null);
  const taken = new Set<number>();
  const offers = ranked
    .flatMap((order, cluster) => order.slice(0, TRIED).map((word) => ({ cluster, word })))
    .toSorted(
      (a, b) =>
        cosines[b.cluster]![b.word]! - cosines[a.cluster]![a.word]! || a.cluster - b.cluster,
    );
  for (const { cluster, word } of offers)
    if (first[cluster] === null && !taken.has(word)) {
      first[cluster] = word;
      taken.add(word);
    }
  return ranked.map((order, cluster) => {
    const best = first[cluster] ?? order[0]!;
    const chosen = [best, ...order.filter((word) => word !== best)].slice(0, several);
    return {
      words: chosen.map((word) => words[word]!),
      from: "text",
      scores: chosen.map((word) => cosines[cluster]![word]!),
    };
  });
}

/** Unit vectors less their mean, as unit vectors; a single one, or one at the mean, as it is. */
function directions(x: Embeddings["x"], n: number, d: number): Float64Array[] {
  const rows = Array.from({ length: n }, (_, i) =>
    unit(Float64Array.from(x.subarray(i * d, (i + 1) * d))),
  );
  const mean = new Float64Array(d);
  for (const row of rows) for (let j = 0; j < d; j++) mean[j]! += row[j]! / n;
  return rows.map((row) => {
    const off = row.map((of, j) => of - mean[j]!);
    return Math.hypot(...off) < 1e-9 ? row : unit(off);
  });
}

function unit(row: Float64Array): Float64Array {
  const norm = Math.sqrt(row.reduce((sum, of) => sum + of * of, 0));
  return norm > 0 ? row.map((of) => of / norm) : row;
}
