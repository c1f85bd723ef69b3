/** @file The reference engine's kernels of convolution and pooling, written to be obviously right. */
import type { Convolution, Node, Pooling, Shape } from "../graph/node.ts";
import { sizeOf } from "../graph/node.ts";

type Values = Float64Array;

/** Calls `visit` with the places in x, w and y of every product that a convolution sums. */
function products(
  { stride, padding, dilation, groups }: Convolution,
  x: Shape,
  w: Shape,
  y: Shape,
  visit: (x: number, w: number, y: number) => void,
): void {
  const [batch, channels, height, width] = x as [number, number, number, number];
  const [kernels, perGroup, kh, kw] = w as [number, number, number, number];
  const [, , outHeight, outWidth] = y as [number, number, number, number];
  const [top, left] = padding;
  for (let b = 0; b < batch; b++)
    for (let o = 0; o < kernels; o++)
      for (let c = 0; c < perGroup; c++) {
        const channel = Math.floor(o / (kernels / groups)) * perGroup + c;
        for (let i = 0; i < outHeight; i++)
          for (let j = 0; j < outWidth; j++)
            for (let p = 0; p < kh; p++)
              for (let q = 0; q < kw; q++) {
                const row = i * stride[0] + p * dilation[0] - top;
                const column = j * stride[1] + q * dilation[1] - left;
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                visit(
                  ((b * channels + channel) * height + row) * width + column,
                  ((o * perGroup + c) * kh + p) * kw + q,
                  ((b * kernels + o) * outHeight + i) * outWidth + j,
                );
              }
      }
}

export function conv2d({ attrs, inputs, shape }: Node<"conv2d">, ...fed: Values[]): Values {
  const [x, w, bias] = fed as [Values, Values, Values?];
  const positions = shape[2]! * shape[3]!;
  const out = new Float64Array(sizeOf(shape)).map(
    (_v, i) => bias?.[Math.floor(i / positions) % shape[1]!] ?? 0,
  );
  products(attrs, inputs[0]!.shape, inputs[1]!.shape, shape, (i, j, k) => {
    out[k]! += x[i]! * w[j]!;
  });
  return out;
}

export function conv2dInputGrad(
  { attrs, inputs, shape }: Node<"conv2dInputGrad">,
  ...[dy, w]: Values[]
): Values {
  const out = new Float64Array(sizeOf(shape));
  products(attrs, shape, inputs[1]!.shape, inputs[0]!.shape, (i, j, k) => {
    out[i]! += dy![k]! * w![j]!;
  });
  return out;
}

export function conv2dWeightGrad(
  { attrs, inputs, shape }: Node<"conv2dWeightGrad">,
  ...[dy, x]: Values[]
): Values {
  const out = new Float64Array(sizeOf(shape));
  products(attrs, inputs[1]!.shape, shape, inputs[0]!.shape, (i, j, k) => {
    out[j]! += dy![k]! * x![i]!;
  });
  return out;
}

/** Where in x the first largest of each window is, in the order of the windows; NaN is larger than any number. */
function largest(
  { kernel, stride, padding }: Pooling,
  x: Shape,
  y: Shape,
  values: Values,
): number[] {
  const [, , height, width] = x as [number, number, number, number];
  const [batch, channels, outHeight, outWidth] = y as [number, number, number, number];
  const places: number[] = [];
  for (let plane = 0; plane < batch * channels; plane++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++) {
        let best = -1;
        for (let p = 0; p < kernel[0]; p++)
          for (let q = 0; q < kernel[1]; q++) {
            const row = i * stride[0] + p - padding[0];
            const column = j * stride[1] + q - padding[1];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const place = (plane * height + row) * width + column;
            const found = values[place]!;
            if (
              best < 0 ||
              found > values[best]! ||
              (found !== found && values[best] === values[best])
            )
              best = place;
          }
        places.push(best);
      }
  return places;
}

export const maxPool = ({ attrs, inputs, shape }: Node<"maxPool">, x?: Values): Values =>
  Float64Array.from(largest(attrs, inputs[0]!.shape, shape, x!), (place) => x![place]!);

export function maxPoolGrad(
  { attrs, inputs, shape }: Node<"maxPoolGrad">,
  ...[dy, x]: Values[]
): Values {
  const out = new Float64Array(sizeOf(shape));
  largest(attrs, shape, inputs[0]!.shape, x!).forEach((place, i) => (out[place]! += dy![i]!));
  return out;
}

/** The channel of every element of [B, C, ...]. */
const channelOf = (shape: Shape): ((i: number) => number) => {
  const inner = sizeOf(shape.slice(2));
  return (i) => Math.floor(i / inner) % shape[1]!;
};

export function channelMoments({ inputs }: Node<"channelMoments">, x?: Values): Values {
  const { shape } = inputs[0]!;
  const channels = shape[1]!;
  const count = x!.length / channels;
  const at = channelOf(shape);
  const out = new Float64Array(2 * channels);
  x!.forEach((v, i) => (out[at(i)]! += v / count));
  x!.forEach((v, i) => (out[channels + at(i)]! += (v - out[at(i)]!) ** 2 / count));
  return out;
}

export function channelAffine({ shape }: Node<"channelAffine">, ...fed: Values[]): Values {
  const [x, scale, shift] = fed as [Values, Values, Values];
  const at = channelOf(shape);
  return x.map((v, i) => v * scale[at(i)]! + shift[at(i)]!);
}
