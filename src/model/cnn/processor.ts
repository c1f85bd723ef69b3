/** @file How images become what a convolutional network is fed. */
import type { ImageProcessor } from "../image-processor.ts";
import type { Architecture } from "./architectures.ts";
import type { CnnConfig } from "./config.ts";

/** What pixels divided by 255 have subtracted, and are divided by. */
export interface Normalisation {
  readonly mean: ImageProcessor["mean"];
  readonly std: ImageProcessor["std"];
}

export const NORMALISATIONS: { readonly [K in Architecture["pixels"]]: Normalisation } = {
  unit: { mean: [0, 0, 0], std: [1, 1, 1] },
  signed: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  /** Of the images that torchvision's weights were trained on. */
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

/**
 * The whole image, whatever its shape, as a square of the network's size: antialiased bilinear, as Pillow resizes. (The
 * study's networks were fed by Keras' `load_img`, which takes the nearest pixel and so keeps one in four of an image
 * twice as large; no number of the study depends on it.)
 */
export function cnnImageProcessor(
  { input: { size, channels }, compat }: Pick<CnnConfig, "input" | "compat">,
  normalisation: Normalisation,
): ImageProcessor {
  const square = { width: size, height: size };
  return {
    ...(channels === 1 ? { channels } : {}),
    resize: square,
    crop: square,
    kernel: "bilinear",
    rescaleFactor: compat.includes("raw-pixels") ? 1 : 1 / 255,
    ...normalisation,
  };
}
