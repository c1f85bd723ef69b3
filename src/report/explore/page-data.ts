/** @file What the page of an exploration is made of. */
import type { Section } from "../html/section.ts";

/** What points are coloured and filtered by: groups, clusters, activities, ranks of a query. */
export interface Facet {
  readonly name: string;
  readonly values: readonly string[];
  /** -1 where a point has none. [n] */
  readonly codes: Int32Array;
}

/** A map's points, and what is drawn below them. */
export interface PageMap {
  /** Such as "CLIP · UMAP". */
  readonly title: string;
  /** Its quality, in a line: trustworthiness, KL divergence, explained variance. */
  readonly note: string;
  /** Names of the axes; null for maps whose axes mean nothing. */
  readonly axes: readonly [string, string] | null;
  /** [n, 2]; NaN for a point that is not on it. */
  readonly coordinates: Float32Array;
  /** Decision regions and density contours: closed rings in the map's coordinates. */
  readonly layers: readonly Layer[];
}

export interface Layer {
  readonly name: string;
  /** The facet and value whose colour it has. */
  readonly facet: string;
  readonly value: string;
  readonly rings: readonly Float32Array[]; // [corners, 2] each
  readonly opacity: number;
}

export interface ExplorePage {
  readonly title: string;
  readonly subtitle: string;
  readonly ids: readonly string[];
  /** Further lines under the pointer, such as a prompt; null for none. */
  readonly texts: readonly (string | null)[] | null;
  /** JPEG of at most 72 x 72 pixels a point; null where there are none, or pictures may not be shown. */
  readonly thumbnails: readonly (Uint8Array | null)[] | null;
  readonly facets: readonly Facet[];
  readonly maps: readonly PageMap[];
  /** Findings, tables and charts, below the maps. */
  readonly sections: readonly Section[];
}
