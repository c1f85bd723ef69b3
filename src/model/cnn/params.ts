/** @file A network's parameters and buffers: names, shapes, and how they start when nothing is loaded. */
import { sizeOf } from "../../graph/node.ts";
import type { Init, ParamSpec } from "../param-spec.ts";
import type { CnnConfig, InitScheme, Trunk } from "./config.ts";
import type { LayerKind, LayerOf } from "./layers.ts";
import { type Placed, placeCnn, placeTrunk } from "./shapes.ts";

interface Fans {
  /** Values that a unit reads. */
  readonly in: number;
  /** Values that read an input, of all units. */
  readonly out: number;
}
interface Starts {
  readonly conv: (fans: Fans) => Init;
  readonly dense: (fans: Fans) => Init;
  readonly bias: (fans: Fans) => Init;
}

const uniform = (limit: number): Init => ({ kind: "uniform", limit });
const constant = (value: number): Init => ({ kind: "constant", value });
/** Glorot and Bengio 2010. */
const glorot = (fans: Fans): Init => uniform(Math.sqrt(6 / (fans.in + fans.out)));
/** PyTorch's `kaiming_uniform_(a=sqrt(5))` of kernels comes to this, and its biases are drawn so. */
const byInputs = (fans: Fans): Init => uniform(1 / Math.sqrt(fans.in));

const STARTS: { readonly [S in InitScheme]: Starts } = {
  keras: { conv: glorot, dense: glorot, bias: () => constant(0) },
  pytorch: { conv: byInputs, dense: byInputs, bias: byInputs },
  torchvision: {
    // He et al. 2015, `mode="fan_out", nonlinearity="relu"`
    conv: (fans) => ({ kind: "normal", std: Math.sqrt(2 / fans.out) }),
    dense: byInputs,
    bias: byInputs,
  },
};

/** What one layer has. */
interface Owned {
  readonly params: readonly ParamSpec[];
  readonly buffers: readonly ParamSpec[];
}
const NOTHING: Owned = { params: [], buffers: [] };
const none = (): Owned => NOTHING;

/** One number per channel for each part of a layer, all equal at first. */
const filled = (
  layer: string,
  channels: number,
  parts: Readonly<Record<string, number>>,
): ParamSpec[] =>
  Object.entries(parts).map(([part, value]) => ({
    name: `${layer}.${part}`,
    shape: [channels],
    init: constant(value),
  }));

type Rule<K extends LayerKind> = (layer: LayerOf<K>, placed: Placed, start: Starts) => Owned;

const RULES: { readonly [K in LayerKind]: Rule<K> } = {
  conv: ({ name, filters, kernel, groups, bias }, { from }, start) => {
    const inputs = from[0]! / groups;
    const fans = { in: inputs * kernel ** 2, out: filters * kernel ** 2 };
    const weight = {
      name: `${name}.weight`,
      shape: [filters, inputs, kernel, kernel],
      init: start.conv(fans),
    };
    const biases = { name: `${name}.bias`, shape: [filters], init: start.bias(fans) };
    return { params: bias ? [weight, biases] : [weight], buffers: [] };
  },
  dense: ({ name, units }, { from }, start) => {
    const inputs = from[0]!;
    const fans = { in: inputs, out: units };
    return {
      params: [
        { name: `${name}.weight`, shape: [units, inputs], init: start.dense(fans) },
        { name: `${name}.bias`, shape: [units], init: start.bias(fans) },
      ],
      buffers: [],
    };
  },
  batchNorm: ({ name }, { from }) => ({
    params: filled(name, from[0]!, { weight: 1, bias: 0 }),
    buffers: filled(name, from[0]!, { running_mean: 0, running_var: 1 }),
  }),
  groupNorm: ({ name }, { from }) => ({
    params: filled(name, from[0]!, { weight: 1, bias: 0 }),
    buffers: [],
  }),
  residual: (_, { body, shortcut }, start) => {
    const inner = [...body, ...shortcut].map((placed) => owned(placed, start));
    return {
      params: inner.flatMap(({ params }) => params),
      buffers: inner.flatMap(({ buffers }) => buffers),
    };
  },
  relu: none,
  maxPool: none,
  avgPool: none,
  globalAvgPool: none,
  flatten: none,
  dropout: none,
};
const ruled = <K extends LayerKind>(layer: LayerOf<K>, placed: Placed, start: Starts): Owned =>
  (RULES[layer.kind as K] as Rule<K>)(layer, placed, start);
const owned = (placed: Placed, start: Starts): Owned => ruled(placed.layer, placed, start);

const allOwned = (placed: readonly Placed[], init: InitScheme): readonly Owned[] =>
  placed.map((one) => owned(one, STARTS[init]));
const everywhere = (config: CnnConfig): readonly Owned[] => {
  const { trunk, heads } = placeCnn(config);
  return allOwned([trunk, ...Object.values(heads)].flat(), config.init);
};

/** Every trained parameter, trunk first, then head by head; PyTorch's layouts: [out, in, h, w], [out, in]. */
export const cnnParams = (config: CnnConfig): readonly ParamSpec[] =>
  everywhere(config).flatMap(({ params }) => params);

/** Every trained parameter of layers without a head. Throws as `placeTrunk` does. */
export const trunkParams = (trunk: Trunk, init: InitScheme): readonly ParamSpec[] =>
  allOwned(placeTrunk(trunk), init).flatMap(({ params }) => params);

/** What is kept with the parameters and follows the batches, not gradients: running statistics. */
export const cnnBuffers = (config: CnnConfig): readonly ParamSpec[] =>
  everywhere(config).flatMap(({ buffers }) => buffers);

/** Names of the trunk's parameters and buffers. */
export const trunkNames = (config: CnnConfig): ReadonlySet<string> =>
  new Set(
    allOwned(placeCnn(config).trunk, config.init)
      .flatMap(({ params, buffers }) => [...params, ...buffers])
      .map(({ name }) => name),
  );

/** Numbers that are trained in a layer and those inside it. */
export const parameterCount = (placed: Placed): number =>
  owned(placed, STARTS.keras).params.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
