/** @file What the page carries for its script: JSON, with numbers as base64. */
import type { Mark } from "../colours.ts";

/** Codes and coordinates are little-endian: the only order that browsers run on. */
type Base64 = string;

export interface FacetData {
  readonly name: string;
  readonly values: readonly string[];
  /** Int32, -1 where a point has none. [n] */
  readonly codes: Base64;
  /** Of each value. */
  readonly marks: readonly Mark[];
}

export interface LayerData {
  readonly name: string;
  /** Its facet, -1 where it has none. */
  readonly facet: number;
  /** Of the facet. */
  readonly code: number;
  /** Float32 [corners, 2] each. */
  readonly rings: readonly Base64[];
  readonly opacity: number;
}

export interface MapData {
  readonly title: string;
  readonly note: string;
  readonly axes: readonly [string, string] | null;
  /** Float32, NaN where a point is not on it. [n, 2] */
  readonly coordinates: Base64;
  readonly layers: readonly LayerData[];
}

/** Thumbnails, many a picture: slot s lies in sheet s / (columns * rows), row by row. */
export interface SheetData {
  readonly side: number;
  readonly columns: number;
  readonly rows: number;
  /** Int32, -1 for none. [n] */
  readonly slots: Base64;
}

export interface PageData {
  readonly n: number;
  readonly ids: readonly string[];
  readonly texts: readonly (string | null)[] | null;
  readonly facets: readonly FacetData[];
  /** Of points without a value. */
  readonly unlabelled: Mark;
  readonly maps: readonly MapData[];
  readonly sheets: SheetData | null;
}
