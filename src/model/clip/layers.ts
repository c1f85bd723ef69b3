/** @file How the towers reach their parameters, and the seam where adapters come in. */
import { layerNorm, linear, matmul } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";

/** The node of a parameter by its Hugging Face name. */
export type Params = (name: string) => Node;

export interface Layers {
  readonly param: Params;
  /** x W^T + b with the weight and bias of `module`: x [rows, in] -> [rows, out]. */
  readonly linear: (module: string, x: Node) => Node;
}

/** Layers without adapters. */
export const plainLayers = (param: Params): Layers => ({
  param,
  linear: (module, x) => linear(x, param(`${module}.weight`), param(`${module}.bias`)),
});

/** Layer normalisation with the gain and bias of `module`. */
export const norm = ({ param }: Layers, module: string, x: Node, eps: number): Node =>
  layerNorm(x, param(`${module}.weight`), param(`${module}.bias`), eps);

/** x W^T with the weight of `module`, which has no bias: the projections into the shared space. */
export const projection = ({ param }: Layers, module: string, x: Node): Node =>
  matmul(x, param(`${module}.weight`), { b: true });
