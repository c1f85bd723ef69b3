/** @file Pooling, and what passes back through it and through relu, as ONNX nodes. */
import {
  type Node,
  type Pooling,
  type Shape,
  type Window,
  isOp,
  sizeOf,
} from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";
import { type Attribute, DATA_TYPE } from "./writer.ts";

type Attributes = Readonly<Record<string, Attribute>>;
type Rule<K extends "reluGrad" | "maxPool" | "maxPoolGrad"> = (
  node: Node<K>,
  inputs: readonly string[],
  context: { readonly emit: Emitter; readonly value: (node: Node) => string },
) => string;

const windowOf = ({ stride, padding }: Window): Attributes => ({
  strides: { ints: stride },
  pads: { ints: padding },
});
const poolingOf = (attrs: Pooling): Attributes => ({
  ...windowOf(attrs),
  kernel_shape: { ints: attrs.kernel },
});

export const maxPool: Rule<"maxPool"> = ({ attrs }, inputs, { emit }) =>
  emit.node("MaxPool", inputs, poolingOf(attrs));

const HALVES: Window = { stride: [2, 2], padding: [0, 0, 0, 0] };

/** dy where two values are equal, else 0. */
const whereEqual = (dy: string, a: string, b: string, emit: Emitter): string =>
  emit.node("Mul", [
    dy,
    emit.node("Cast", [emit.node("Equal", [a, b])], { to: { int: DATA_TYPE.float32 } }),
  ]);

/**
 * Of windows of 2 x 2 side by side. onnxruntime tells where the largest is, but at ten times the cost of the largest
 * itself; so it is asked for the largest of the first row, of the first column, and of the first place.
 */
function halvingGrad(dy: string, x: string, shape: Shape, steps: Shape, emit: Emitter): string {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const [down, across] = steps as [number, number];
  const leftOver = [height - 2 * down, width - 2 * across];
  const even = leftOver.every((count) => count === 0);
  const largest = (kernel: readonly [number, number]): string => {
    const found = emit.node("MaxPool", [x], poolingOf({ kernel, ...HALVES }));
    // in a row or column that is left over, smaller windows have places that are none of ours
    return even
      ? found
      : emit.node("Slice", [found, emit.ints([0, 0]), emit.ints(steps), emit.ints([2, 3])]);
  };
  const all = emit.node("MaxPool", [x], poolingOf({ kernel: [2, 2], ...HALVES }));
  const row = whereEqual(dy, largest([1, 2]), all, emit);
  const a = whereEqual(dy, largest([1, 1]), all, emit);
  const b = emit.node("Sub", [row, a]);
  const rest = emit.node("Sub", [dy, row]);
  // what is left was not in the first row: the first column has it in the second
  const c = whereEqual(rest, largest([2, 1]), all, emit);
  const d = emit.node("Sub", [rest, c]);

  /** Parts of so many numbers each, by turns. */
  const woven = (values: readonly string[], part: number): string => {
    const count = (batch * channels * down * across) / (part === 1 ? 1 : across);
    const parts = values.map((value) => emit.node("Reshape", [value, emit.ints([count, 1, part])]));
    return emit.node("Concat", parts, { axis: { int: 1 } });
  };
  const rows = [woven([a, b], 1), woven([c, d], 1)];
  const whole = emit.node("Reshape", [
    woven(rows, 2 * across),
    emit.ints([batch, channels, 2 * down, 2 * across]),
  ]);
  return even ? whole : emit.node("Pad", [whole, emit.ints([0, 0, 0, 0, 0, 0, ...leftOver])]);
}

/** Of any windows, place by place: what earlier places of a window have left goes to those that are equal to its largest. */
function placedGrad(
  { kernel, stride, padding }: Pooling,
  [dy, x]: readonly [string, string],
  shape: Shape,
  steps: Shape,
  emit: Emitter,
): string {
  const [top, left, bottom, right] = padding;
  const planes = shape[0]! * shape[1]!;
  const [height, width] = steps as [number, number];
  const size = [shape[2]! + top + bottom, shape[3]! + left + right] as const;
  // as far as the last window's steps lead
  const [tall, wide] = [height * stride[0], width * stride[1]];
  const full = [Math.max(size[0], tall + kernel[0]), Math.max(size[1], wide + kernel[1])] as const;
  const image = emit.node("Reshape", [x, emit.ints([planes, shape[2]!, shape[3]!])]);
  const padded = padding.some((count) => count > 0)
    ? emit.node("Pad", [
        image,
        emit.ints([0, top, left, 0, bottom, right]),
        emit.floats([-3.4e38], []),
      ])
    : image;
  const flat = (value: string): string =>
    emit.node("Reshape", [value, emit.ints([planes, height, width])]);
  const largest = flat(emit.node("MaxPool", [x], poolingOf({ kernel, stride, padding })));
  let rest = flat(dy);
  let total: string | null = null;
  for (let p = 0; p < kernel[0]; p++)
    for (let q = 0; q < kernel[1]; q++) {
      const at = emit.node("Slice", [
        padded,
        emit.ints([p, q]),
        emit.ints([p + (height - 1) * stride[0] + 1, q + (width - 1) * stride[1] + 1]),
        emit.ints([1, 2]),
        emit.ints(stride),
      ]);
      const own = whereEqual(rest, at, largest, emit);
      rest = emit.node("Sub", [rest, own]);
      // each value to the head of its step, then to its place
      const spread = emit.node("Pad", [
        emit.node("Reshape", [own, emit.ints([planes * height, 1, width, 1])]),
        emit.ints([0, 0, 0, 0, 0, stride[0] - 1, 0, stride[1] - 1]),
      ]);
      const placed = emit.node("Pad", [
        emit.node("Reshape", [spread, emit.ints([planes, tall, wide])]),
        emit.ints([0, p, q, 0, full[0] - tall - p, full[1] - wide - q]),
      ]);
      total = total === null ? placed : emit.node("Add", [total, placed]);
    }
  const cut = emit.node("Slice", [
    total!,
    emit.ints([top, left]),
    emit.ints([top + shape[2]!, left + shape[3]!]),
    emit.ints([1, 2]),
  ]);
  return emit.node("Reshape", [cut, emit.ints(shape)]);
}

/** By onnxruntime's own places of the largest. */
function scatteredGrad(
  attrs: Pooling,
  [dy, x]: readonly [string, string],
  shape: Shape,
  windows: number,
  emit: Emitter,
): string {
  const [, places] = emit.nodeOf(2, "MaxPool", [x], poolingOf(attrs));
  const flat = (value: string): string => emit.node("Reshape", [value, emit.ints([windows])]);
  const zeros = emit.node("Expand", [emit.floats([0], []), emit.ints([sizeOf(shape)])]);
  const summed = emit.node("ScatterElements", [zeros, flat(places!), flat(dy)], {
    axis: { int: 0 },
    reduction: { string: "add" },
  });
  return emit.node("Reshape", [summed, emit.ints(shape)]);
}

/** The gradient of a pool from dy and the value it pools. */
function emitPoolGrad(
  { attrs, inputs, shape }: Node<"maxPoolGrad">,
  [dy, x]: readonly [string, string],
  emit: Emitter,
): string {
  const of = inputs[0]!.shape;
  const { kernel, stride, padding } = attrs;
  if (emit.lowering.standard) return placedGrad(attrs, [dy, x], shape, of.slice(2), emit);
  const halves = [...kernel, ...stride].every((d) => d === 2) && padding.every((d) => d === 0);
  return halves
    ? halvingGrad(dy, x, shape, of.slice(2), emit)
    : scatteredGrad(attrs, [dy, x], shape, sizeOf(of), emit);
}
export const maxPoolGrad: Rule<"maxPoolGrad"> = (node, [dy, x], { emit }) =>
  emitPoolGrad(node, [dy!, x!], emit);

/** dy where y > 0. */
const whereOn = (dy: string, y: string, emit: Emitter): string =>
  emit.node("Mul", [
    dy,
    emit.node("Cast", [emit.node("Greater", [y, emit.floats([0], [])])], {
      to: { int: DATA_TYPE.float32 },
    }),
  ]);

/** Behind a pool of the same values, a quarter of them is looked at: the largest is on where its place is. */
export const reluGrad: Rule<"reluGrad"> = ({ inputs }, [dy, y], { emit, value }) => {
  const [inner, result] = inputs as [Node, Node];
  if (!isOp(inner, "maxPoolGrad") || inner.inputs[1] !== result) return whereOn(dy!, y!, emit);
  const largest = emit.node("MaxPool", [y!], poolingOf(inner.attrs));
  return emitPoolGrad(inner, [whereOn(value(inner.inputs[0]!), largest, emit), y!], emit);
};
