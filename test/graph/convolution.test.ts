/** @file Laws of convolution, pooling and normalisation by channel, whatever their windows. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Tensor } from "../../src/engine/engine.ts";
import { reference } from "../../src/engine/reference.ts";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import {
  type Convolution,
  type Node,
  type Pooling,
  type Shape,
  sizeOf,
} from "../../src/graph/node.ts";
import { verify } from "../../src/graph/verify.ts";
import { random } from "../../src/run/random.ts";

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const pair = (min: number, max: number) => fc.tuple(whole(min, max), whole(min, max));
const paddings = (max: number) =>
  fc.tuple(whole(0, max), whole(0, max), whole(0, max), whole(0, max));

interface Setting {
  readonly attrs: Convolution;
  readonly x: Shape;
  readonly w: Shape;
}
/** Windows that fit at least once. */
const settings: fc.Arbitrary<Setting> = fc
  .record({
    attrs: fc.record({
      stride: pair(1, 3),
      padding: paddings(2),
      dilation: pair(1, 2),
      groups: whole(1, 3),
    }),
    batch: whole(1, 2),
    perGroup: whole(1, 2),
    filters: whole(1, 2),
    kernel: pair(1, 3),
    more: pair(0, 4),
  })
  .map(({ attrs, batch, perGroup, filters, kernel, more }) => {
    const size = more.map((extra, i) => attrs.dilation[i]! * (kernel[i]! - 1) + 1 + extra);
    return {
      attrs,
      x: [batch, perGroup * attrs.groups, ...size],
      w: [filters * attrs.groups, perGroup, ...kernel],
    };
  });
const poolings: fc.Arbitrary<{ attrs: Pooling; x: Shape }> = fc
  .record({
    batch: whole(1, 2),
    channels: whole(1, 2),
    kernel: pair(1, 3),
    stride: pair(1, 3),
    more: pair(0, 4),
    padding: paddings(2),
  })
  .map(({ batch, channels, kernel, stride, more, padding }) => {
    const inside = padding.map((n, side) => Math.min(n, kernel[side % 2]! - 1)) as [
      number,
      number,
      number,
      number,
    ];
    return {
      attrs: { kernel, stride, padding: inside },
      x: [batch, channels, kernel[0] + more[0], kernel[1] + more[1]],
    };
  });
const maps: fc.Arbitrary<Shape> = fc.oneof(
  fc.tuple(whole(2, 6), whole(1, 3)),
  fc.tuple(whole(1, 3), whole(1, 3), whole(2, 3), whole(1, 4)),
);

const normals = (shape: Shape, name: string): Tensor => {
  const stream = random(1, name);
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => stream.normal()) };
};
/** Both sides of an equation, computed from normal values of every feed. */
async function expectEqual(left: Node, right: Node): Promise<void> {
  const outputs = { left, right };
  const feeds = Array.from(verify(outputs).feeds, ([name, { shape }]) => [
    name,
    normals(shape, name),
  ]);
  const found = await (await reference.compile(outputs)).run(Object.fromEntries(feeds));
  expect(found["left"]!.shape).toEqual(found["right"]!.shape);
  found["left"]!.data.forEach((v, i) => expect(v).toBeCloseTo(found["right"]!.data[i]!, 8));
}
const dot = (a: Node, b: Node): Node => g.sum(g.mul(a, b));
const lastTwo = ({ shape }: Node) => [shape[2]!, shape[3]!] as const;

test("convolution is linear in the image and in the kernels", () =>
  fc.assert(
    fc.asyncProperty(settings, async ({ attrs, x, w }) => {
      const [x1, x2, w1, w2] = [
        g.input("x1", x),
        g.input("x2", x),
        g.input("w1", w),
        g.input("w2", w),
      ];
      const conv = (a: Node, b: Node): Node => g.conv2d(a, b, null, attrs);
      await expectEqual(
        conv(g.add(g.mul(x1, -2), x2), w1),
        g.add(g.mul(conv(x1, w1), -2), conv(x2, w1)),
      );
      await expectEqual(
        conv(x1, g.add(g.mul(w1, 3), w2)),
        g.add(g.mul(conv(x1, w1), 3), conv(x1, w2)),
      );
    }),
  ));

test("<conv2d(x, w), dy> = <x, conv2dInputGrad(dy, w)> = <w, conv2dWeightGrad(dy, x)>", () =>
  fc.assert(
    fc.asyncProperty(settings, async (setting) => {
      const { attrs } = setting;
      const [x, w] = [g.input("x", setting.x), g.input("w", setting.w)];
      const y = g.conv2d(x, w, null, attrs);
      const dy = g.input("dy", y.shape);
      const product = dot(y, dy);
      await expectEqual(product, dot(x, g.conv2dInputGrad(dy, w, attrs, lastTwo(x))));
      await expectEqual(product, dot(w, g.conv2dWeightGrad(dy, x, attrs, lastTwo(w))));
    }),
  ));

test("1 x 1 kernels are a matrix product over channels", () =>
  fc.assert(
    fc.asyncProperty(whole(1, 2), whole(1, 3), whole(1, 3), pair(1, 4), async (b, c, o, size) => {
      const [x, w] = [g.input("x", [b, c, ...size]), g.input("w", [o, c, 1, 1])];
      const attrs: Convolution = {
        stride: [1, 1],
        padding: [0, 0, 0, 0],
        dilation: [1, 1],
        groups: 1,
      };
      const rows = g.transpose(g.reshape(x, [b, c, size[0] * size[1]]), [0, 2, 1]);
      const y = g.matmul(rows, g.reshape(w, [o, c]), { b: true }); // [B, H W, O]
      await expectEqual(
        g.conv2d(x, w, null, attrs),
        g.reshape(g.transpose(y, [0, 2, 1]), [b, o, ...size]),
      );
    }),
  ));

test("the largest of a window: order stays, and each gradient arrives once, where the largest is", () =>
  fc.assert(
    fc.asyncProperty(poolings, async ({ attrs, x: shape }) => {
      const x = g.input("x", shape);
      const y = g.maxPool(x, attrs);
      await expectEqual(g.relu(y), g.maxPool(g.relu(x), attrs));
      const dy = g.input("dy", y.shape);
      const dx = g.maxPoolGrad(dy, x, attrs);
      await expectEqual(g.sum(dx), g.sum(dy));
      await expectEqual(dot(dx, x), dot(dy, y));
    }),
  ));

test("of equal values the first of a window is meant", () =>
  fc.assert(
    fc.asyncProperty(poolings, async ({ attrs, x: shape }) => {
      // with a slope down along rows and columns, the first is the largest
      const size = sizeOf(shape);
      const slope = g.constant(
        Array.from({ length: size }, (_v, i) => -i),
        shape,
      );
      const level = g.constant(1, shape);
      const dy = g.input("dy", g.maxPool(level, attrs).shape);
      await expectEqual(g.maxPoolGrad(dy, level, attrs), g.maxPoolGrad(dy, slope, attrs));
    }),
  ));

test("batch norm gives mean 0 and variance 1; beta and gamma move them", () =>
  fc.assert(
    fc.asyncProperty(maps, async (shape) => {
      const x = g.input("x", shape);
      const channels = [shape[1]!];
      const [one, zero] = [g.constant(1, channels), g.constant(0, channels)];
      const unit = g.channelMoments(g.batchNorm(x, g.momentsOf(x), one, zero, 1e-14));
      const [gamma, beta] = [g.input("gamma", channels), g.input("beta", channels)];
      const moved = g.channelMoments(g.batchNorm(x, g.momentsOf(x), gamma, beta, 1e-14));
      const rows = (...of: Node[]): Node =>
        g.concat(
          of.map((row) => g.reshape(row, [1, ...channels])),
          0,
        );
      await expectEqual(unit, rows(zero, one));
      await expectEqual(moved, rows(beta, g.mul(gamma, gamma)));
    }),
  ));

test("batch norm's gradient is blind to the mean and the scale of a channel", () =>
  fc.assert(
    fc.asyncProperty(maps, async (shape) => {
      const x = g.input("x", shape);
      const gamma = g.input("gamma", [shape[1]!]);
      const y = g.batchNorm(x, g.momentsOf(x), gamma, gamma, 1e-14);
      const [dx] = grad(dot(y, g.input("dy", shape)), [x]);
      const axes = shape.flatMap((_d, axis) => (axis === 1 ? [] : [axis]));
      const none = g.constant(0, [shape[1]!]);
      await expectEqual(g.sum(dx!, axes), none);
      await expectEqual(g.sum(g.mul(dx!, x), axes), none);
    }),
  ));
