/** @file Random changes of a training image, as data: flip, rotation, crop, shift, brightness, contrast, blur, noise. */
import { type Random, random } from "../run/random.ts";
import type { Raster } from "./raster.ts";
import { type Taps, filter, makeTaps } from "./taps.ts";
import { type Movement, STILL, warp } from "./warp.ts";

/** How far each change may go; 0 turns it off. The order of the fields is the order in which they are applied. */
export interface AugmentConfig {
  /** Probability of mirroring left and right. */
  readonly flip: number;
  /** Rotation, uniform in [-rotate, rotate] degrees. */
  readonly rotate: number;
  /** Crop: a part of side 1 - [0, crop] of the image's, anywhere in it, is enlarged to the whole; below 1. */
  readonly crop: number;
  /** Shift by whole pixels, uniform in [-shift, shift] of width and of height. */
  readonly shift: number;
  /** Brightness: what is added to every level, uniform in [-brightness, brightness] * 255. */
  readonly brightness: number;
  /** Contrast: the distance of every level from the mean grey times [1 - contrast, 1 + contrast]. */
  readonly contrast: number;
  /** Gaussian blur of a sigma uniform in [0, blur] pixels. */
  readonly blur: number;
  /** Gaussian noise of a standard deviation uniform in [0, noise] * 255, independent by pixel and channel. */
  readonly noise: number;
}

export const NO_AUGMENTATION: AugmentConfig = {
  flip: 0,
  rotate: 0,
  crop: 0,
  shift: 0,
  brightness: 0,
  contrast: 0,
  blur: 0,
  noise: 0,
};

/** The study's four (its augmented copies of UTKFace). */
export const STUDY_AUGMENTATION: AugmentConfig = {
  ...NO_AUGMENTATION,
  flip: 0.5,
  rotate: 10,
  blur: 1,
  noise: 0.1,
};

/** One draw from an `AugmentConfig`. */
interface Change {
  readonly movement: Movement;
  readonly brightness: number; // added, grey levels
  readonly contrast: number; // factor
  readonly sigma: number; // of the blur, pixels
  readonly noise: { readonly scale: number; readonly seed: number }; // grey levels
}

/**
 * A randomly changed copy of `image`, of the same size. Edges are repeated outwards where a change looks beyond them.
 * Every change takes its draws from `random` whether it is on or off, so turning one on leaves the others as they were.
 * With `NO_AUGMENTATION` the result is `image` itself.
 */
export const augment = (image: Raster, config: AugmentConfig, source: Random): Raster =>
  apply(image, draw(config, image, source));

/** The changes that `augment` makes of an image of this size with this stream. */
export function draw(config: AugmentConfig, { width, height }: Raster, source: Random): Change {
  const within = (limit: number): number => source.uniform(-1, 1) * limit;
  const flip = source.uniform() < config.flip;
  const degrees = within(config.rotate);
  const keep = 1 - source.uniform(0, config.crop);
  const centre = [within((width * (1 - keep)) / 2), within((height * (1 - keep)) / 2)] as const;
  const shift = [
    Math.round(within(config.shift * width)),
    Math.round(within(config.shift * height)),
  ] as const;
  return {
    movement: { flip, degrees, keep, centre, shift },
    brightness: within(config.brightness * 255),
    contrast: 1 + within(config.contrast),
    sigma: source.uniform(0, config.blur),
    noise: { scale: source.uniform(0, config.noise * 255), seed: source.int(2 ** 32) },
  };
}

function apply(image: Raster, change: Change): Raster {
  const moved = moves(change.movement) ? warp(image, change.movement) : image;
  const toned =
    change.brightness === 0 && change.contrast === 1
      ? moved
      : tone(moved, change.brightness, change.contrast);
  // a narrower kernel than this rounds to one pixel
  const blurred = change.sigma < 0.15 ? toned : blur(toned, change.sigma);
  return change.noise.scale === 0 ? blurred : addNoise(blurred, change.noise);
}

const moves = ({ flip, degrees, keep, shift }: Movement): boolean =>
  flip !== STILL.flip || degrees !== 0 || keep !== 1 || shift[0] !== 0 || shift[1] !== 0;

/** Levels plus `brightness`, then spread about the mean grey by `contrast`. */
function tone({ width, height, data }: Raster, brightness: number, contrast: number): Raster {
  const bright = Uint8ClampedArray.from({ length: 256 }, (_, level) => level + brightness);
  const mean = contrast === 1 ? 0 : meanGrey(data, bright);
  const table = bright.map((level) => mean + (level - mean) * contrast);
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]!]!;
  return { width, height, data: out };
}

/** The mean luma (ITU-R 601-2) of the levels that `table` makes of `data`. */
function meanGrey(data: Uint8Array, table: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) {
    sum += 299 * table[data[i]!]! + 587 * table[data[i + 1]!]! + 114 * table[data[i + 2]!]!;
  }
  return (sum * 3) / (data.length * 1000);
}

/** Gaussian blur, cut off at three sigma. */
function blur(image: Raster, sigma: number): Raster {
  const { width, height } = image;
  const columns = gaussianTaps(width, sigma);
  const rows = height === width ? columns : gaussianTaps(height, sigma);
  return filter(image, columns, rows, { left: 0, top: 0, width, height });
}

function gaussianTaps(length: number, sigma: number): Taps {
  const radius = Math.ceil(3 * sigma);
  const bell = Array.from({ length: radius + 1 }, (_, d) => Math.exp(-0.5 * (d / sigma) ** 2));
  const whole = [...bell.slice(1).toReversed(), ...bell];
  const spans = Array.from({ length }, (_, i) => {
    if (i >= radius && i + radius < length) return { low: i - radius, weights: whole };
    const low = Math.max(0, i - radius);
    const weights = Array.from({ length: Math.min(length, i + radius + 1) - low }, () => 0);
    for (let d = -radius; d <= radius; d++) {
      const at = Math.min(length - 1, Math.max(0, i + d)) - low; // beyond the edge: the edge pixel
      weights[at] = weights[at]! + bell[Math.abs(d)]!;
    }
    return { low, weights };
  });
  return makeTaps(spans, length);
}

/** Standard normal numbers to pick from: drawing fresh ones would take longer than all other changes together. */
const POOL_BITS = 16;
let pool: Float32Array | null = null;
function normals(): Float32Array {
  if (pool) return pool;
  const source = random("noise pool");
  pool = Float32Array.from({ length: 1 << POOL_BITS }, () => source.normal());
  return pool;
}

function addNoise({ width, height, data }: Raster, { scale, seed }: Change["noise"]): Raster {
  const pick = normals();
  const out = new Uint8ClampedArray(data.length);
  let state = seed | 1; // xorshift32 (Marsaglia, 2003) never leaves 0
  for (let i = 0; i < data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    out[i] = data[i]! + scale * pick[state >>> (32 - POOL_BITS)]!;
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}
