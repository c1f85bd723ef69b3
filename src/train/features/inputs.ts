/** @file What a training is fed of its images. */
import type { PixelStore } from "../../data/pixels.ts";
import { sizeOf } from "../../graph/node.ts";
import { cutOf } from "../../model/clip/cut.ts";
import type { ClipModel } from "../../model/folder.ts";
import type { Progress } from "../../run/progress.ts";
import { createTowers } from "../network.ts";
import type { FitInputs } from "../training.ts";
import { variantsOf } from "./augmentation.ts";
import { createPrefix } from "./prefix.ts";
import { type FeatureRows, type RowInputs, openFeatures, pixelInputs } from "./rows.ts";

/** Bytes of features of a split that are held in memory; more are read from the cache. */
const MEMORY = 2 ** 30;

export interface ImageInputs {
  readonly train: RowInputs;
  readonly validation: RowInputs;
  readonly dispose: () => Promise<void>;
}

/** Nothing is frozen: rows are fed as their pixels. */
export const pixelsAlone = ({
  train,
  validation,
}: Pick<FitInputs, "train" | "validation">): ImageInputs => ({
  train: pixelInputs(train),
  validation: pixelInputs(validation),
  dispose: async () => {},
});

/**
 * Pixels where everything trains; else features of what is frozen, computed before this returns. Rows whose images are
 * other ones in every epoch stay pixels, and so do those whose features fit neither memory nor cache.
 */
export async function imageInputs(
  { engine, config, model, train, validation, cache }: FitInputs<ClipModel>,
  progress: Progress,
  signal: AbortSignal,
): Promise<ImageInputs> {
  const cut = cutOf(model.config, config.model.trainable, "image");
  if (cut === null) return pixelsAlone({ train, validation });
  const towers = createTowers(model.config, model.weights);
  const prefix = createPrefix(engine, towers, cut, model.imageProcessor);
  const opened: FeatureRows[] = [];
  const dispose = async (): Promise<void> => {
    for (const rows of opened) await rows.close();
    await prefix.release();
  };
  const open = async (
    store: PixelStore,
    epochs: readonly (number | null)[] | null,
    label: string,
  ): Promise<RowInputs> => {
    if (epochs === null) return pixelInputs(store);
    const bytes =
      store.rows.length * epochs.length * sizeOf(prefix.shape) * Float32Array.BYTES_PER_ELEMENT;
    const isHeld = bytes <= MEMORY;
    if (!isHeld && bytes > (cache?.limit ?? 0)) return pixelInputs(store);
    const rows = await openFeatures(prefix, store, cache, isHeld);
    opened.push(rows);
    await rows.fill(epochs, label, progress, signal);
    return rows;
  };
  try {
    return {
      train: await open(train, variantsOf(config), "train"),
      validation: await open(validation, [null], "validation"),
      dispose,
    };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}
