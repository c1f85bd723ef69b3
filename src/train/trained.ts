/** @file A trained classifier, ready to embed images and to answer. */
import type { PixelStore } from "../data/pixels.ts";
import type { Row } from "../data/row.ts";
import type { Progress } from "../run/progress.ts";
import type { Classifier } from "./classifier.ts";
import type { Encoder, RowSource } from "./encoder.ts";
import type { FeatureRows, RowInputs } from "./features/rows.ts";

export interface Trained {
  readonly encoder: Encoder;
  readonly classifier: Classifier;
  /** What the encoder is fed of the rows of a store; closed after use. */
  readonly inputsOf: (store: PixelStore) => Promise<RowInputs & Pick<FeatureRows, "close">>;
  readonly dispose: () => Promise<void>;
}

/** Rows of a split with their embeddings [rows, D], and the pixels that they are made of. */
export interface Embedded {
  readonly rows: readonly Row[];
  readonly embeddings: Float32Array;
  readonly pixels: RowSource;
}

/** Embeddings of all readable rows of a store, not augmented. */
export async function embed(
  { encoder, inputsOf }: Trained,
  store: PixelStore,
  label: string,
  progress: Progress,
): Promise<Embedded> {
  progress.start(`embedding ${label}`, store.rows.length);
  const rows = [...store.rows.keys()];
  const inputs = await inputsOf(store);
  try {
    const source: RowSource = (batch) => inputs.batch(batch, null);
    const embeddings = await encoder.images(rows, source, (done) => progress.update(done));
    const pixels: RowSource = (batch) => store.batch(batch, null);
    return { rows: store.rows, embeddings, pixels };
  } finally {
    progress.stop();
    await inputs.close();
  }
}
