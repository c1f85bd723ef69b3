/** @file What a convolutional network is made of: layers as data. Shapes, parameters and graphs follow from it. */

/** Zeros around an image: as many on every side, none, or as many as keep ceil(size / stride), as TensorFlow places them. */
export type Padding = number | "valid" | "same";

/** Names are unique in a network, and in front of its parameters' names: `conv1.weight`. */
interface Named {
  readonly name: string;
}
export interface ConvLayer extends Named {
  readonly kind: "conv";
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly dilation: number;
  /** Of in- and outputs, each seeing its own alone. */
  readonly groups: number;
  readonly bias: boolean;
  /** l2 * sum of the kernel's squares is added to the loss, as Keras' `kernel_regularizer` does; 0: nothing. */
  readonly l2: number;
}
/** Normalisation by channel with PyTorch's parameters: weight, bias, running_mean, running_var. */
export interface BatchNormLayer extends Named {
  readonly kind: "batchNorm";
  readonly eps: number;
  /** The weight of the batch in the running statistics. */
  readonly momentum: number;
}
/**
 * Normalisation of each image by itself (Wu and He 2018): channels in groups, each to mean 0 and variance 1, then a
 * weight and bias per channel, as PyTorch's GroupNorm. One group is a layer norm of the whole image.
 */
export interface GroupNormLayer extends Named {
  readonly kind: "groupNorm";
  readonly groups: number;
  readonly eps: number;
}
interface PoolLayer extends Named {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
}
export interface DenseLayer extends Named {
  readonly kind: "dense";
  readonly units: number;
}
export interface DropoutLayer extends Named {
  readonly kind: "dropout";
  /** The share of values that become 0 in training; the others are divided by 1 - rate. */
  readonly rate: number;
}
/** body(x) + shortcut(x); an empty shortcut is x itself. */
export interface ResidualLayer extends Named {
  readonly kind: "residual";
  readonly body: readonly Layer[];
  readonly shortcut: readonly Layer[];
}
export type Layer =
  | ConvLayer
  | BatchNormLayer
  | GroupNormLayer
  | (Named & { readonly kind: "relu" })
  | (PoolLayer & { readonly kind: "maxPool" })
  /** Padding counts as zeros, as PyTorch's does. */
  | (PoolLayer & { readonly kind: "avgPool" })
  | (Named & { readonly kind: "globalAvgPool" })
  /** [C, H, W] -> [C * H * W], channels first. */
  | (Named & { readonly kind: "flatten" })
  | DenseLayer
  | DropoutLayer
  | ResidualLayer;
export type LayerKind = Layer["kind"];
export type LayerOf<K extends LayerKind> = Extract<Layer, { readonly kind: K }>;

/** A layer and those inside it. */
export const withInner = (layer: Layer): readonly Layer[] =>
  layer.kind === "residual"
    ? [layer, ...[...layer.body, ...layer.shortcut].flatMap(withInner)]
    : [layer];

export const conv = (
  name: string,
  filters: number,
  kernel: number,
  more: Partial<Omit<ConvLayer, "kind" | "name" | "filters" | "kernel">> = {},
): ConvLayer => ({
  kind: "conv",
  name,
  filters,
  kernel,
  stride: 1,
  padding: "valid",
  dilation: 1,
  groups: 1,
  bias: true,
  l2: 0,
  ...more,
});
/** PyTorch's eps and momentum. */
export const batchNorm = (name: string): BatchNormLayer => ({
  kind: "batchNorm",
  name,
  eps: 1e-5,
  momentum: 0.1,
});
export const groupNorm = (name: string, groups = 1): GroupNormLayer => ({
  kind: "groupNorm",
  name,
  groups,
  eps: 1e-5,
});
export const relu = (name: string): Layer => ({ kind: "relu", name });
export const maxPool = (
  name: string,
  kernel = 2,
  stride = kernel,
  padding: Padding = "valid",
): Layer => ({ kind: "maxPool", name, kernel, stride, padding });
export const globalAvgPool = (name: string): Layer => ({ kind: "globalAvgPool", name });
export const flatten = (name: string): Layer => ({ kind: "flatten", name });
export const dense = (name: string, units: number): DenseLayer => ({ kind: "dense", name, units });
export const dropout = (name: string, rate: number): Layer => ({ kind: "dropout", name, rate });
export const residual = (
  name: string,
  body: readonly Layer[],
  shortcut: readonly Layer[],
): ResidualLayer => ({ kind: "residual", name, body, shortcut });
