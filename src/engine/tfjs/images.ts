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
  slice({ value, shape }: Image, begin: Shape, size: Shape): Image {
    return sameShape(size, shape)
      ? { value, shape }
      : { value: this.#emit.call("Slice", { x: value }, { begin, size }), shape: size };
  }
  /** `count` rows and columns from `start` on, `step` apart. */
  every(image: Image, start: Pair, step: Pair, count: Pair): Image {
    const [batch, , , channels] = image.shape;
    const shape = [batch!, ...count, channels!];
    if (step[0] === 1 && step[1] === 1) return this.slice(image, [0, ...start, 0], shape);
    const end = [0, 1].map((i) => start[i]! + (count[i]! - 1) * step[i]! + 1);
    const value = this.#emit.call(
      "StridedSlice",
      { x: image.value },
      {
        begin: [0, ...start, 0],
        end: [batch!, ...end, channels!],
        strides: [1, ...step, 1],
        beginMask: 0,
        endMask: 0,
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
      },
    );
    return { value, shape };
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
