/** @file A head in training: its layers as graphs, and on embeddings as they come. */
import { linear, silu } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { type ParamSpec, initialize } from "../../model/param-spec.ts";
import type { Weights } from "../../model/weights.ts";
import type { Classifier, HiddenLayer } from "../classifier.ts";
import { type Companions, type Trainee, paramNodes } from "../network.ts";

/** The sizes of a head. */
export interface HeadShape {
  /** D, of an embedding. */
  readonly width: number;
  /** H, or null for a linear head. */
  readonly hidden: number | null;
  /** C. */
  readonly classes: number;
}

const named = (layer: string) => ({ weight: `${layer}.weight`, bias: `${layer}.bias` });
const HIDDEN = named("head.hidden");
const OUTPUT = named("head.output");

/** The hidden layer starts as PyTorch's `kaiming_normal_` for ReLU has it, the output at 0. */
function headParams({ width, hidden, classes }: HeadShape): ParamSpec[] {
  const zeros = (name: string, shape: readonly number[]): ParamSpec => ({
    name,
    shape,
    init: { kind: "constant", value: 0 },
  });
  const output = [zeros(OUTPUT.weight, [classes, hidden ?? width]), zeros(OUTPUT.bias, [classes])];
  if (hidden === null) return output;
  const std = Math.sqrt(2 / width);
  return [
    { name: HIDDEN.weight, shape: [hidden, width], init: { kind: "normal", std } },
    zeros(HIDDEN.bias, [hidden]),
    ...output,
  ];
}

/** A head with its start values. */
export function createHead(shape: HeadShape, companions: Companions, seed: number): Trainee {
  const own = headParams(shape);
  const weights = initialize([...own, ...companions.params, ...companions.state], seed);
  return {
    weights,
    param: paramNodes(weights),
    trained: { names: new Set([...own, ...companions.params].map(({ name }) => name)) },
    rowShape: [shape.width],
    features: (rows) => rows,
  };
}

/** Class scores of features [B, D]: [B, C]. */
export function headLogits({ param, weights }: Trainee, features: Node): Node {
  const dense = (layer: typeof OUTPUT, x: Node): Node =>
    linear(x, param(layer.weight), param(layer.bias));
  return dense(OUTPUT, weights.has(HIDDEN.weight) ? silu(dense(HIDDEN, features)) : features);
}

/** What embeddings are centred on and divided by before a head is trained on them. */
export interface Scaling {
  readonly mean: Float64Array;
  /** > 0 */
  readonly deviation: Float64Array;
}

/** The trained head, on embeddings that are not scaled: scaling joins its first layer. */
export function headOf({ weights }: Trainee, scaling: Scaling): Classifier {
  const output = unscaled(weights, OUTPUT, weights.has(HIDDEN.weight) ? null : scaling);
  const { weight, bias } = output;
  const classes = bias.length;
  const hidden: HiddenLayer[] = weights.has(HIDDEN.weight)
    ? [{ linear: unscaled(weights, HIDDEN, scaling), activation: "silu" }]
    : [];
  return { hidden, weight, bias, scale: 1, classes, width: scaling.mean.length };
}

/** W (x - mean) / deviation + b as W' x + b'. */
function unscaled(weights: Weights, layer: typeof OUTPUT, scaling: Scaling | null) {
  const weight = weights.get(layer.weight)!.data.slice();
  const bias = weights.get(layer.bias)!.data.slice();
  if (!scaling) return { weight, bias };
  const { mean, deviation } = scaling;
  const d = mean.length;
  for (let i = 0; i < weight.length; i++) {
    weight[i]! /= deviation[i % d]!;
    bias[Math.floor(i / d)]! -= weight[i]! * mean[i % d]!;
  }
  return { weight, bias };
}
