/** @file A model's image processor: `preprocessor_config.json` of a Hugging Face folder, old and new forms. */
import { z } from "zod";
import { UsageError } from "../run/errors.ts";

/** How a model wants its images: resize, centre crop, then (level * rescaleFactor - mean) / std by channel. */
export interface ImageProcessor {
  /** 1: grey images (Pillow's luma, made before resizing) with the first mean and std; 3 by default. */
  readonly channels?: 1 | 3;
  readonly resize:
    | { readonly shortestEdge: number }
    | { readonly width: number; readonly height: number }
    | null;
  /** The size that comes out; a smaller image gets a black border. */
  readonly crop: { readonly width: number; readonly height: number };
  readonly kernel: "bilinear" | "bicubic";
  readonly rescaleFactor: number;
  readonly mean: readonly [r: number, g: number, b: number];
  readonly std: readonly [r: number, g: number, b: number];
}

const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;

/** CLIP's own processor for square images of `imageSize` pixels. */
export const clipImageProcessor = (
  imageSize: number,
  kernel: ImageProcessor["kernel"] = "bicubic",
): ImageProcessor => ({
  resize: { shortestEdge: imageSize },
  crop: { width: imageSize, height: imageSize },
  kernel,
  rescaleFactor: 1 / 255,
  mean: CLIP_MEAN,
  std: CLIP_STD,
});

/** Pillow's filter numbers. */
const RESAMPLE: { readonly [K in ImageProcessor["kernel"]]: number } = { bilinear: 2, bicubic: 3 };

const edge = z.int().positive();
const exact = z.object({ height: edge, width: edge });
const shortest = z.object({ shortest_edge: edge, longest_edge: z.null().optional() });
const flag = z
  .boolean()
  .nullish()
  .transform((given) => given ?? true);
const channels = (fallback: readonly [number, number, number]) =>
  z
    .tuple([z.number(), z.number(), z.number()])
    .nullish()
    .transform((given) => given ?? fallback);
const schema = z.object({
  num_channels: z.union([z.literal(1), z.literal(3)], { error: "expected 1 or 3" }).default(3),
  do_resize: flag,
  size: z
    .union([edge.transform((length) => ({ shortest_edge: length })), shortest, exact], {
      error: "expected a number, {shortest_edge} or {height, width}",
    })
    .default({ shortest_edge: 224 }),
  resample: z
    .union([z.literal(RESAMPLE.bilinear), z.literal(RESAMPLE.bicubic)], {
      error: "expected 2 (bilinear) or 3 (bicubic)",
    })
    .default(RESAMPLE.bicubic),
  do_center_crop: flag,
  crop_size: z
    .union([edge.transform((length) => ({ height: length, width: length })), exact], {
      error: "expected a number or {height, width}",
    })
    .optional(),
  do_rescale: flag,
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: flag,
  image_mean: channels(CLIP_MEAN),
  image_std: channels(CLIP_STD).refine((std) => std.every((value) => value > 0), {
    error: "expected three numbers > 0",
  }),
});

/**
 * Reads a parsed `preprocessor_config.json`; what it omits takes transformers' `CLIPImageProcessor` defaults.
 * @param where names the file in errors. Throws UsageError for a value that is not supported, and when images would
 * come out in several sizes (no centre crop and no exact size).
 */
export function parseImageProcessor(json: unknown, where: string): ImageProcessor {
  const result = schema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new UsageError(
      `${where}: ${path.join(".") || "the file"}: ${message}; take the model's original preprocessor_config.json`,
    );
  }
  const c = result.data;
  const size = "height" in c.size ? { width: c.size.width, height: c.size.height } : null;
  const cropSize = c.crop_size ?? { width: 224, height: 224 };
  const crop = c.do_center_crop ? { width: cropSize.width, height: cropSize.height } : size;
  if (!crop || !(c.do_resize || c.do_center_crop)) {
    throw new UsageError(
      `${where}: do_center_crop is false and no exact size is resized to, so images would come out in several sizes; set do_center_crop to true`,
    );
  }
  const target = "shortest_edge" in c.size ? { shortestEdge: c.size.shortest_edge } : size;
  return {
    ...(c.num_channels === 1 ? { channels: 1 } : {}),
    resize: c.do_resize ? target : null,
    crop,
    kernel: c.resample === RESAMPLE.bilinear ? "bilinear" : "bicubic",
    rescaleFactor: c.do_rescale ? c.rescale_factor : 1,
    mean: c.do_normalize ? c.image_mean : [0, 0, 0],
    std: c.do_normalize ? c.image_std : [1, 1, 1],
  };
}

/**
 * The content of a `preprocessor_config.json` that transformers reads as the same processing; for grey images, which its
 * processors cannot make, one that it refuses.
 */
export const toHuggingFaceImageProcessor = (processor: ImageProcessor): object => ({
  ...(processor.channels === 1
    ? { image_processor_type: "EquiclipImageProcessor", num_channels: 1 }
    : { image_processor_type: "CLIPImageProcessor", do_convert_rgb: true }),
  do_resize: processor.resize !== null,
  size:
    processor.resize && "shortestEdge" in processor.resize
      ? { shortest_edge: processor.resize.shortestEdge }
      : (processor.resize ?? processor.crop),
  resample: RESAMPLE[processor.kernel],
  do_center_crop: true,
  crop_size: processor.crop,
  do_rescale: true,
  rescale_factor: processor.rescaleFactor,
  do_normalize: true,
  image_mean: processor.mean,
  image_std: processor.std,
});
