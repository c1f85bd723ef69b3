/** @file Pixel luminance as an embedding: what any learnt encoder should beat. */
import type { Lightness } from "../data/grey.ts";
import type { Preprocess } from "../data/preprocess.ts";
import type { ImageEncoder } from "./encoder.ts";

export interface PixelChoice {
  /** Side of the resized picture: `size * size` numbers an image. */
  readonly size: number;
  /** `luma` is 0.299 R + 0.587 G + 0.114 B, `hsl` is (max + min) / 2 of R, G and B. */
  readonly lightness: Lightness;
  /** `unit`: black 0, white 1. `signed`: black -1, white 1, so that dark pictures point the other way. */
  readonly range: "unit" | "signed";
  /** A picture that is not square is squeezed into one, or loses its ends. */
  readonly fit: "stretch" | "crop";
}

/** Of a level from 0 to 255. */
const RANGES: { readonly [R in PixelChoice["range"]]: (level: number) => number } = {
  unit: (level) => level / 255,
  signed: (level) => level / 127.5 - 1,
};

const RESIZE: {
  readonly [F in PixelChoice["fit"]]: (size: number) => NonNullable<Preprocess["resize"]>;
} = {
  stretch: (size) => ({ width: size, height: size }),
  crop: (size) => ({ shortestEdge: size }),
};

/**
 * Lightness of pixels, row by row from the top left: [images, size * size]. As torchvision's Grayscale and Resize have it:
 * 8-bit grey first, then Pillow's antialiased bilinear filter.
 */
export function pixelImages({ size, lightness, range, fit }: PixelChoice): ImageEncoder {
  const d = size * size;
  const preprocess: Preprocess = {
    grey: lightness,
    resize: RESIZE[fit](size),
    crop: { width: size, height: size },
    kernel: "bilinear",
    rescaleFactor: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
  const values = Float32Array.from({ length: 256 }, (_, level) => RANGES[range](level));
  return {
    about: { pixels: lightness, size: String(size), range, fit, filter: preprocess.kernel },
    preprocess,
    async embed(images) {
      const x = new Float32Array(images.length * d);
      for (const [row, { data }] of images.entries())
        for (let i = 0; i < d; i++) x[row * d + i] = values[data[i * 3]!]!;
      return { x, d };
    },
    dispose: async () => {},
  };
}
