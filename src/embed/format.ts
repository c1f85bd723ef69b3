/** @file What a file of embeddings holds, and what each format must do. */

/** Embeddings of one file. */
export interface EmbeddingFile {
  /** Row-major. [n, d] */
  readonly x: Float32Array;
  readonly n: number;
  readonly d: number;
  /** The name of each row, all different; null where the file has none. [n] */
  readonly ids: readonly string[] | null;
  /** What is said of them: model, preprocessing, `normalised`, ... */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What to read of a file that holds more than embeddings; where there is one candidate alone, nothing need be said. */
export interface EmbeddingChoice {
  /** Name of the matrix in a safetensors file. */
  readonly tensor?: string | undefined;
  /** Parquet column of lists, or what the names of numbered columns begin with. */
  readonly column?: string | undefined;
  /** Parquet column of row names; `id` by default, where there is one. */
  readonly id?: string | undefined;
}

/** How one kind of file is read, and what is written of it. */
export interface EmbeddingFormat {
  readonly read: (path: string, choice: EmbeddingChoice) => Promise<EmbeddingFile>;
  /** Bytes by what is appended to the path: "" is the file itself. */
  readonly encode: (embeddings: EmbeddingFile) => Readonly<Record<string, readonly Uint8Array[]>>;
}
