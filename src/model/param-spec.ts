/** @file What a model's parameters are: names, shapes, and how they start when nothing is loaded. */
import { type Shape, sizeOf } from "../graph/node.ts";
import { random } from "../run/random.ts";
import { fillNormal, fillUniform } from "./fill.ts";
import type { Weights } from "./weights.ts";

export interface ParamSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly init: Init;
}
export type Init =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly std: number }
  /** Uniform in [-limit, limit). */
  | { readonly kind: "uniform"; readonly limit: number };

/** Seeded start values: equal seeds give equal numbers, whatever other parameters there are. */
export function initialize(specs: readonly ParamSpec[], seed: number): Weights {
  const weights: Weights = new Map();
  for (const { name, shape, init } of specs) {
    const data = new Float32Array(sizeOf(shape));
    const stream = random(seed, "init", name);
    if (init.kind === "constant") data.fill(init.value);
    else if (init.kind === "normal") fillNormal(data, init.std, stream);
    else fillUniform(data, init.limit, stream);
    weights.set(name, { shape, data });
  }
  return weights;
}
