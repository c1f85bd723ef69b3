/** @file One labelled image, and a table of them. */

export const SPLITS = ["train", "validation", "test"] as const;
export type Split = (typeof SPLITS)[number];

export interface Row {
  /** Unique within the manifest; for files, the path relative to the manifest's root. */
  readonly id: string;
  /** Absolute path of the image file. */
  readonly path: string;
  /** Every categorical label by attribute: `{ gender: "female", race: "asian", age_band: "18-34" }`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Every numeric label by attribute: `{ age: 27 }`. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly split: Split | null;
  readonly weight: number;
  /** The id of the row this one was augmented from. */
  readonly origin: string | null;
  /** Rows of one cluster are near-duplicates and stay on one side of every split. */
  readonly cluster: string | null;
}

/** A file or record that could not become a row, and why. */
export interface Rejected {
  readonly id: string;
  readonly reason: string;
}

export interface Manifest {
  /** What was read, for messages: a folder or file path, or "synthetic faces". */
  readonly source: string;
  readonly rows: readonly Row[];
  readonly rejected: readonly Rejected[];
}
