/** @file The shape rules of ops on images [B, C, H, W]: convolution, pooling, channels. */
import { type Node, type OpName, type Shape, sameShape, showShape } from "./node.ts";
import { type Rule, ShapeError } from "./shape-rule.ts";
import { convolved, pooled } from "./windows.ts";

/** Throws ShapeError unless `dy` has the shape of the result that it is the gradient of. */
function fits(op: OpName, result: Shape | string, dy: Node, inputs: readonly Node[]): void {
  if (typeof result === "string") throw new ShapeError(op, result, inputs);
  if (!sameShape(result, dy.shape))
    throw new ShapeError(op, `dy must be ${showShape(result)}`, inputs);
}

type ImageOp =
  | "conv2d"
  | "conv2dInputGrad"
  | "conv2dWeightGrad"
  | "maxPool"
  | "maxPoolGrad"
  | "channelMoments"
  | "channelAffine";

export const imageRules: { readonly [K in ImageOp]: Rule<K> } = {
  conv2d: {
    arity: { min: 2 },
    infer: (attrs, inputs) => {
      const [x, w, bias, ...more] = inputs;
      const shape = convolved(attrs, x!.shape, w!.shape);
      if (typeof shape === "string") throw new ShapeError("conv2d", shape, inputs);
      if (more.length > 0 || (bias && !sameShape(bias.shape, [w!.shape[0]!])))
        throw new ShapeError("conv2d", "a bias has one number for each kernel", inputs);
      return shape;
    },
  },
  conv2dInputGrad: {
    arity: 2,
    infer: (attrs, [dy, w]) => {
      const shape = [dy!.shape[0]!, w!.shape[1]! * attrs.groups, ...attrs.size];
      fits("conv2dInputGrad", convolved(attrs, shape, w!.shape), dy!, [dy!, w!]);
      return shape;
    },
  },
  conv2dWeightGrad: {
    arity: 2,
    infer: (attrs, [dy, x]) => {
      const shape = [dy!.shape[1]!, x!.shape[1]! / attrs.groups, ...attrs.kernel];
      fits("conv2dWeightGrad", convolved(attrs, x!.shape, shape), dy!, [dy!, x!]);
      return shape;
    },
  },
  maxPool: {
    arity: 1,
    infer: (attrs, [x]) => {
      const shape = pooled(attrs, x!.shape);
      if (typeof shape === "string") throw new ShapeError("maxPool", shape, [x!]);
      return shape;
    },
  },
  maxPoolGrad: {
    arity: 2,
    infer: (attrs, [dy, x]) => {
      fits("maxPoolGrad", pooled(attrs, x!.shape), dy!, [dy!, x!]);
      return x!.shape;
    },
  },
  channelMoments: {
    arity: 1,
    infer: (_attrs, [x]) => {
      if (x!.shape.length < 2) throw new ShapeError("channelMoments", "needs a second axis", [x!]);
      return [2, x!.shape[1]!];
    },
  },
  channelAffine: {
    arity: 3,
    infer: (_attrs, [x, scale, shift]) => {
      const perChannel = x!.shape.slice(1, 2);
      if (
        perChannel.length === 0 ||
        !sameShape(scale!.shape, perChannel) ||
        !sameShape(shift!.shape, perChannel)
      )
        throw new ShapeError(
          "channelAffine",
          "scale and shift must have the size of the second axis",
          [x!, scale!, shift!],
        );
      return x!.shape;
    },
  },
};
