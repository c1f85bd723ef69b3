/** @file LoRA (Hu et al. 2021): y = W x + b + alpha / rank * B A x, with W and b frozen. */
import { add, matmul, mul } from "../../graph/build.ts";
import { EquiclipError } from "../../run/errors.ts";
import type { ParamSpec } from "../param-spec.ts";
import type { Weight, Weights } from "../weights.ts";
import { type ClipConfig, type Tower, towerConfig } from "./config.ts";
import type { Layers } from "./layers.ts";
import { PROJECTIONS, type Projection, blockModule } from "./params.ts";

export interface LoraConfig {
  readonly rank: number;
  /** The adapter's output is scaled by alpha / rank. */
  readonly alpha: number;
  readonly modules: readonly Projection[];
  readonly towers: readonly Tower[];
}

const nameA = (module: string): string => `${module}.lora_A.weight`;
const nameB = (module: string): string => `${module}.lora_B.weight`;

/** The modules that carry an adapter, and their sizes. */
function targets(config: ClipConfig, lora: LoraConfig) {
  return lora.towers.flatMap((tower) => {
    const { hiddenSize: D, intermediateSize: F, numHiddenLayers } = towerConfig(config, tower);
    const size = { D, F };
    return Array.from({ length: numHiddenLayers }, (_, i) =>
      lora.modules.map((name) => {
        const p = PROJECTIONS[name];
        return { module: `${blockModule(tower, i)}.${p.path}`, in: size[p.in], out: size[p.out] };
      }),
    ).flat();
  });
}

/** A [rank, in] and B [out, rank] of every adapted module. As in peft, A is Kaiming-uniform with a = sqrt(5), B zero. */
export const loraParams = (config: ClipConfig, lora: LoraConfig): readonly ParamSpec[] =>
  targets(config, lora).flatMap((t) => [
    {
      name: nameA(t.module),
      shape: [lora.rank, t.in],
      init: { kind: "uniform", limit: 1 / Math.sqrt(t.in) },
    },
    { name: nameB(t.module), shape: [t.out, lora.rank], init: { kind: "constant", value: 0 } },
  ]);

/** Layers whose adapted modules add their low-rank path; the frozen weights get no gradient of their own. */
export function loraLayers(base: Layers, config: ClipConfig, lora: LoraConfig): Layers {
  const adapted = new Set(targets(config, lora).map((t) => t.module));
  return {
    param: base.param,
    linear: (module, x) => {
      const y = base.linear(module, x);
      if (!adapted.has(module)) return y;
      const low = matmul(x, base.param(nameA(module)), { b: true }); // [rows, rank]
      const scaled = mul(low, lora.alpha / lora.rank);
      return add(y, matmul(scaled, base.param(nameB(module)), { b: true }));
    },
  };
}

/**
 * Weights with the adapters folded in (W + alpha / rank * B A) and gone; others are shared, not copied.
 * @param weights base and adapter weights. Throws EquiclipError when an adapter is missing.
 */
export function mergeLora(weights: Weights, config: ClipConfig, lora: LoraConfig): Weights {
  const merged: Weights = new Map(weights);
  const take = (name: string): Weight => {
    const weight = weights.get(name);
    if (!weight)
      throw new EquiclipError(
        `LoRA: ${name} is not among the weights; were they trained with these modules and towers?`,
      );
    return weight;
  };
  const scale = lora.alpha / lora.rank;
  for (const t of targets(config, lora)) {
    const name = `${t.module}.weight`;
    const { shape, data } = take(name);
    const a = take(nameA(t.module)).data;
    const b = take(nameB(t.module)).data;
    const out = new Float32Array(data.length);
    for (let row = 0; row < t.out; row++)
      for (let column = 0; column < t.in; column++) {
        let sum = 0;
        for (let k = 0; k < lora.rank; k++) sum += b[row * lora.rank + k]! * a[k * t.in + column]!;
        const i = row * t.in + column;
        out[i] = data[i]! + scale * sum;
      }
    merged.set(name, { shape, data: out });
    merged.delete(nameA(t.module));
    merged.delete(nameB(t.module));
  }
  return merged;
}
