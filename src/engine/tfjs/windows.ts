/** @file Convolution and pooling out of kernels of TensorFlow.js that all its backends have; images have channels last. */
import type { Convolution, Pooling, Shape } from "../../graph/node.ts";
import { sizeOf } from "../../graph/node.ts";
import type { Image, Images } from "./images.ts";

type Pair = readonly [number, number];
type Four = readonly [number, number, number, number];

const four = (shape: Shape): Four => shape as unknown as Four;
const isDepthwise = ({ groups }: Convolution, perGroup: number): boolean =>
  groups > 1 && perGroup === 1;
const extentOf = (kernel: Pair, { dilation }: Convolution): Pair => [
  (kernel[0] - 1) * dilation[0] + 1,
  (kernel[1] - 1) * dilation[1] + 1,
];

/** Kernels [kh, kw, ...] with zeros where dilation skips. Native TensorFlow takes no dilation in all of its kernels. */
const dilated = (k: Images, filter: Image, [down, across]: Pair): Image =>
  k.spread(k.spread(filter, 0, down), 1, across);

/** Cross-correlation of x [B, H, W, I] with a filter [kh, kw, I, O]. @param padding top, left, bottom, right */
function correlate(k: Images, x: Image, filter: Image, stride: Pair, padding: Four): Image {
  const [top, left, bottom, right] = padding;
  const [batch, height, width] = four(x.shape);
  const [kh, kw, , filters] = four(filter.shape);
  const shape = [
    batch,
    Math.floor((height + top + bottom - kh) / stride[0]) + 1,
    Math.floor((width + left + right - kw) / stride[1]) + 1,
    filters,
  ];
  const attrs = { strides: stride, dilations: [1, 1], dataFormat: "NHWC", pad: around(padding) };
  return k.call("Conv2D", { x, filter }, shape, attrs);
}
const around = ([top, left, bottom, right]: Four): Pair[] => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** Each channel by kernels of its own: x [B, H, W, C] with a filter [kh, kw, C, M] gives [B, Ho, Wo, C M]. */
function correlateChannels(k: Images, x: Image, filter: Image, stride: Pair, padding: Four): Image {
  const [top, left, bottom, right] = padding;
  const [batch, height, width] = four(x.shape);
  const [kh, kw, channels, multiple] = four(filter.shape);
  const rows = height + top + bottom - kh + 1;
  const columns = width + left + right - kw + 1;
  // TensorFlow's kernel knows no strides that differ
  const [own, rest]: [Pair, Pair] = stride[0] === stride[1] ? [stride, [1, 1]] : [[1, 1], stride];
  const attrs = { strides: own, dilations: [1, 1], pad: around(padding) };
  const shape = [batch, Math.ceil(rows / own[0]), Math.ceil(columns / own[1]), channels * multiple];
  const y = k.call("DepthwiseConv2dNative", { x, filter }, shape, attrs);
  return k.every(y, [0, 0], rest, [Math.ceil(rows / stride[0]), Math.ceil(columns / stride[1])]);
}

/** x [B, H, W, C] and w as the graph has it, [O, C / groups, kh, kw]. */
export function conv2d(k: Images, x: Image, w: Image, attrs: Convolution): Image {
  const { stride, padding, dilation, groups } = attrs;
  const [filters, perGroup, kh, kw] = four(w.shape);
  if (isDepthwise(attrs, perGroup)) {
    const kernels = k.reshape(w, [groups, filters / groups, kh, kw]);
    const filter = dilated(k, k.transpose(kernels, [2, 3, 0, 1]), dilation);
    return correlateChannels(k, x, filter, stride, padding);
  }
  const filter = dilated(k, k.transpose(w, [2, 3, 1, 0]), dilation); // [kh, kw, C / groups, O]
  const parts = Array.from({ length: groups }, (_g, i) =>
    correlate(k, k.part(x, 3, groups, i), k.part(filter, 3, groups, i), stride, padding),
  );
  return k.concat(parts, 3);
}

/**
 * From dy [B, Ho, Wo, O] and w [O, C / groups, kh, kw] to [B, H, W, C]: dy with zeros between its rows and columns,
 * correlated with the kernels turned by half a circle (Dumoulin and Visin 2016, section 4).
 */
export function conv2dInputGrad(
  k: Images,
  dy: Image,
  w: Image,
  attrs: Convolution & { readonly size: Pair },
): Image {
  const { stride, padding, dilation, groups, size } = attrs;
  const [filters, perGroup, kh, kw] = four(w.shape);
  const extent = extentOf([kh, kw], attrs);
  const apart = k.spread(k.spread(dy, 1, stride[0]), 2, stride[1]);
  const before = [extent[0] - 1 - padding[0], extent[1] - 1 - padding[1]] as const;
  const after = [0, 1].map((i) => size[i]! + extent[i]! - 1 - apart.shape[i + 1]! - before[i]!);
  const ends = [...before, ...after] as unknown as Four; // top, left, bottom, right
  const margin = ends.map((n) => Math.max(0, n)) as unknown as Four;
  // more than the window reaches is cut off behind: cut off before, nothing might be left, which XNNPACK refuses
  const [top, left] = before.map((n) => Math.max(0, -n)) as unknown as Pair;
  const within = (dx: Image): Image => k.every(dx, [top, left], [1, 1], size);
  const turned = (filter: Image): Image =>
    dilated(k, k.call("Reverse", { x: filter }, filter.shape, { dims: [0, 1] }), dilation);

  if (isDepthwise(attrs, perGroup)) {
    const filter = turned(k.transpose(w, [2, 3, 0, 1])); // [kh, kw, O, 1]
    const each = within(correlateChannels(k, apart, filter, [1, 1], margin));
    const [batch] = four(dy.shape);
    const grouped = k.reshape(each, [batch, ...size, groups, filters / groups]);
    return filters === groups ? each : k.sumLast(grouped);
  }
  const filter = turned(k.transpose(w, [2, 3, 0, 1])); // [kh, kw, O, C / groups]
  const parts = Array.from({ length: groups }, (_g, i) =>
    correlate(k, k.part(apart, 3, groups, i), k.part(filter, 2, groups, i), [1, 1], margin),
  );
  return within(k.concat(parts, 3));
}

/** From dy [B, Ho, Wo, O] and x [B, H, W, C] to [O, C / groups, kh, kw]: a product over all rows for each tap. */
export function conv2dWeightGrad(
  k: Images,
  dy: Image,
  x: Image,
  attrs: Convolution & { readonly kernel: Pair },
): Image {
  const { stride, padding, dilation, groups, kernel } = attrs;
  const [, height, width, filters] = four(dy.shape);
  const channels = x.shape[3]!;
  const rows = sizeOf(dy.shape) / filters;
  const padded = k.pad(x, around(padding));
  const taps = Array.from({ length: kernel[0] * kernel[1] }, (_t, tap) => {
    const [i, j] = [Math.floor(tap / kernel[1]), tap % kernel[1]];
    const start: Pair = [i * dilation[0], j * dilation[1]];
    return k.reshape(k.every(padded, start, stride, [height, width]), [rows, channels]);
  });
  const g = k.reshape(dy, [rows, filters]);
  if (isDepthwise(attrs, channels / groups)) {
    const multiple = filters / groups;
    const weighted = k.reshape(g, [rows, channels, multiple]);
    const sums = taps.map((tap) => {
      const each = k.reshape(tap, [rows, channels, 1]);
      const products = k.call("Multiply", { a: weighted, b: each }, weighted.shape);
      return k.sumRows(k.reshape(products, [rows, filters])); // [1, O]
    });
    const all = k.transpose(k.concat(sums, 0), [1, 0]);
    return k.reshape(all, [filters, 1, ...kernel]);
  }
  const turned = k.transpose(g, [1, 0]); // [O, rows]
  const parts = Array.from({ length: groups }, (_g, at) => {
    const left = k.part(turned, 0, groups, at);
    const products = taps.map((tap) => k.product(left, k.part(tap, 1, groups, at)));
    return k.concat(
      products.map((p) => k.reshape(p, [1, ...p.shape])),
      0,
    ); // [taps, O / groups, C / groups]
  });
  const all = k.transpose(k.concat(parts, 1), [1, 2, 0]);
  return k.reshape(all, [filters, channels / groups, ...kernel]);
}

/** x with what never wins around it: native TensorFlow pools only what has no padding of its own. */
const fenced = (k: Images, x: Image, { padding }: Pooling): Image =>
  k.pad(x, around(padding), -Infinity);
const pooling = ({ kernel, stride }: Pooling) => ({
  filterSize: kernel,
  strides: stride,
  pad: "valid",
});

function pooled(k: Images, x: Image, attrs: Pooling): Image {
  const { kernel, stride } = attrs;
  const [batch, height, width, channels] = four(x.shape);
  const count: Pair = [
    Math.floor((height - kernel[0]) / stride[0]) + 1,
    Math.floor((width - kernel[1]) / stride[1]) + 1,
  ];
  // XNNPACK refuses windows of one element
  if (sizeOf(kernel) === 1) return k.every(x, [0, 0], stride, count);
  return k.call("MaxPool", { x }, [batch, ...count, channels], pooling(attrs));
}

export const maxPool = (k: Images, x: Image, attrs: Pooling): Image =>
  pooled(k, fenced(k, x, attrs), attrs);

export function maxPoolGrad(k: Images, dy: Image, x: Image, attrs: Pooling): Image {
  const { padding } = attrs;
  const input = fenced(k, x, attrs);
  const output = pooled(k, input, attrs);
  const dx = k.has("MaxPoolGrad")
    ? k.call("MaxPoolGrad", { dy, input, output }, input.shape, pooling(attrs))
    : sentToFirst(k, dy, input, output, attrs);
  const [, height, width] = four(x.shape);
  return k.every(dx, [padding[0], padding[1]], [1, 1], [height, width]);
}

/** dy at the first position of each window of x that has the window's largest value y. */
function sentToFirst(k: Images, dy: Image, x: Image, y: Image, { kernel, stride }: Pooling): Image {
  const [, height, width] = four(x.shape);
  const [, rows, columns] = four(y.shape);
  const { shape } = y;
  const both = (a: Image, b: Image): Image => k.call("LogicalAnd", { a, b }, shape);
  let dx: Image | null = null;
  let open: Image | null = null; // windows whose largest value was not met yet
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++) {
      const tap = k.every(x, [i, j], stride, [rows, columns]);
      const met = k.call("Equal", { a: tap, b: y }, shape);
      const first = open ? both(met, open) : met;
      const missed = k.call("LogicalNot", { x: met }, shape);
      open = open ? both(open, missed) : missed;
      const mask = k.call("Cast", { x: first }, shape, { dtype: "float32" });
      const sent = k.call("Multiply", { a: dy, b: mask }, shape);
      const apart = k.spread(k.spread(sent, 1, stride[0]), 2, stride[1]);
      const [, tall, wide] = four(apart.shape);
      const placed = k.pad(apart, around([i, j, height - i - tall, width - j - wide]));
      dx = dx ? k.call("Add", { a: dx, b: placed }, x.shape) : placed;
    }
  return dx!;
}

/** Mean and biased variance of each channel of x [B, ..., C]: [2, C]. */
export function moments(k: Images, x: Image): Image {
  const channels = x.shape.at(-1)!;
  const mean = (of: Image): Image => k.scale(k.sumRows(of), channels / sizeOf(of.shape));
  const means = mean(x); // [1, ..., C]
  const centred = k.call("Sub", { a: x, b: means }, x.shape);
  const variances = mean(k.call("Multiply", { a: centred, b: centred }, x.shape));
  const row = (of: Image): Image => k.reshape(of, [1, channels]);
  return k.concat([row(means), row(variances)], 0);
}
