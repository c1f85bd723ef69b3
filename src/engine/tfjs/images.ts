/** @file Kernels of TensorFlow.js on values that know their shape, for images: convolution and pooling want channels last. */
import { type Shape, sameShape, sizeOf } from "../../graph/node.ts";
import type { OwnKernel } from "./packages.ts";
import type { Attributes, Planner, Value } from "./plan.ts";

/** A value and its shape, most often [B, H, W, C]. */
export interface Image {
  readonly value: Value;
  readonly shape: Shape;
}
type Pair = readonly [number, number];

export class Images {
  readonly #emit: Planner;
  /** Whether the backend has a kernel that not all have, and it can be relied on. */
  readonly has: (kernel: OwnKernel) => boolean;

  constructor(emit: Planner, own: readonly OwnKernel[]) {
    this.#emit = emit;
    this.has = (kernel) => own.includes(kernel);
  }

  /** [B, C, ...] with its channels behind the rest. */
  last(value: Value, shape: Shape): Image {
    const perm = [0, ...shape.slice(2).map((_d, i) => i + 2), 1];
    return this.transpose({ value, shape }, perm);
  }
  /** [B, ..., C] with its channels in front of the rest. */
  first(image: Image): Image {
    const rank = image.shape.length;
    return this.transpose(image, [0, rank - 1, ...image.shape.slice(2).map((_d, i) => i + 1)]);
  }
  transpose({ value, shape }: Image, perm: readonly number[]): Image {
    const to = perm.map((axis) => shape[axis]!);
    const moved = perm.filter((axis) => shape[axis] !== 1);
    // where only axes of one element move, the numbers stay where they are
    return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)
      ? this.reshape({ value, shape }, to)
      : { value: this.#emit.call("Transpose", { x: value }, { perm }), shape: to };
  }
  reshape({ value, shape }: Image, to: Shape): Image {
    return sameShape(shape, to)
      ? { value, shape }
      : { value: this.#emit.call("Reshape", { x: value }, { shape: to }), shape: to };
  }
  pad({ value, shape }: Image, paddings: readonly Pair[], constantValue = 0): Image {
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return { value, shape };
    return {
      value: this.#emit.call("PadV2", { x: value }, { paddings, constantValue }),
      shape: shape.map((d, i) => d + paddings[i]![0] + paddings[i]![1]),
    };
  }
  /** What is taken whole behind the last axis that is cut joins it: the wasm backend copies along the last axis. */
  slice(image: Image, begin: Shape, size: Shape): Image {
    const { shape } = image;
    if (sameShape(size, shape)) return image;
    const cut = size.findLastIndex((d, i) => d !== shape[i]);
    const inner = sizeOf(shape.slice(cut + 1));
    const joined = (of: Shape): number[] => [...of.slice(0, cut), of[cut]! * inner];
    const x = this.reshape(image, joined(shape)).value;
    const attrs = { begin: joined(begin), size: joined(size) };
    const value = this.#emit.call("Slice", { x }, attrs);
    return this.reshape({ value, shape: attrs.size }, size);
  }
  /** `count` rows and columns from `start` on, `step` apart. */
  every(image: Image, start: Pair, step: Pair, count: Pair): Image {
    const rows = this.#everyAlong(image, 1, start[0], step[0], count[0]);
    return this.#everyAlong(rows, 2, start[1], step[1], count[1]);
  }
  /** Cut out of rows of `step` elements: the wasm backend's StridedSlice takes ten times as long. */
  #everyAlong(image: Image, axis: number, start: number, step: number, count: number): Image {
    const { shape } = image;
    const resized = (size: number): number[] => shape.map((d, i) => (i === axis ? size : d));
    const at = start % step;
    const from = start - at;
    const beyond = Math.max(0, from + count * step - shape[axis]!);
    const whole = this.slice(
      this.pad(
        image,
        shape.map((_d, i) => [0, i === axis ? beyond : 0]),
      ),
      shape.map((_d, i) => (i === axis ? from : 0)),
      resized(count * step),
    );
    if (step === 1) return whole;
    const inner = sizeOf(shape.slice(axis + 1));
    const rows = sizeOf(whole.shape) / inner / step;
    const cut = this.slice(
      this.reshape(whole, [rows, step * inner]),
      [0, at * inner],
      [rows, inner],
    );
    return this.reshape(cut, resized(count));
  }
  /** Zeros between neighbours along an axis: n elements become (n - 1) step + 1. */
  spread(image: Image, axis: number, step: number): Image {
    const { shape } = image;
    const count = shape[axis]!;
    if (step === 1 || count === 1) return image;
    const inner = sizeOf(shape.slice(axis + 1));
    const rows = this.reshape(image, [sizeOf(shape) / inner, inner]);
    const apart = this.pad(rows, [
      [0, 0],
      [0, inner * (step - 1)],
    ]);
    const wide = shape.map((d, i) => (i === axis ? d * step : d));
    const size = wide.map((d, i) => (i === axis ? d - step + 1 : d));
    return this.slice(
      this.reshape(apart, wide),
      shape.map(() => 0),
      size,
    );
  }
  concat(images: readonly Image[], axis: number): Image {
    const [first] = images as [Image];
    if (images.length === 1) return first;
    const values = images.map(({ value }) => value);
    return {
      value: this.#emit.call("Concat", values, { axis }),
      shape: first.shape.map((d, i) =>
        i === axis ? images.reduce((sum, { shape }) => sum + shape[axis]!, 0) : d,
      ),
    };
  }
  /** One of `count` equal parts along an axis. */
  part(image: Image, axis: number, count: number, at: number): Image {
    const size = image.shape.map((d, i) => (i === axis ? d / count : d));
    return this.slice(
      image,
      size.map((d, i) => (i === axis ? d * at : 0)),
      size,
    );
  }
  /** a [M, K] x b [K, N] -> [M, N] */
  product(a: Image, b: Image): Image {
    const trans = { transposeA: false, transposeB: false };
    return this.call("BatchMatMul", { a, b }, [a.shape[0]!, b.shape[1]!], trans);
  }
  /** Over all axes but the last, kept as size 1, as a product with ones: the fastest sum that TensorFlow has. */
  sumRows(x: Image): Image {
    const width = x.shape.at(-1)!;
    const rows = sizeOf(x.shape) / width;
    const ones = {
      value: this.#emit.constant(Array<number>(rows).fill(1), [1, rows]),
      shape: [1, rows],
    };
    const total = this.product(ones, this.reshape(x, [rows, width]));
    return this.reshape(total, [...x.shape.slice(0, -1).map(() => 1), width]);
  }
  scale({ value, shape }: Image, by: number): Image {
    return {
      value: this.#emit.call("Multiply", { a: value, b: this.#emit.constant([by]) }),
      shape,
    };
  }
  /** Over the last axis, which disappears. */
  sumLast({ value, shape }: Image): Image {
    const attrs = { axis: [shape.length - 1], keepDims: false };
    return { value: this.#emit.call("Sum", { x: value }, attrs), shape: shape.slice(0, -1) };
  }
  /** Any other kernel. */
  call(
    kernel: string,
    inputs: Readonly<Record<string, Image>>,
    shape: Shape,
    attrs: Attributes = {},
  ): Image {
    const values = Object.fromEntries(Object.entries(inputs).map(([k, { value }]) => [k, value]));
    return { value: this.#emit.call(kernel, values, attrs), shape };
  }
}
