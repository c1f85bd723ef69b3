/** @file Optimizers over named tensors: AdamW, Adam, SGD, with the update rules of PyTorch. */
import type { Shape } from "../../graph/node.ts";
import { EquiclipError } from "../../run/errors.ts";
import { type Values, inBlocks } from "./arrays.ts";

/** A tensor that is updated in place, row-major. Float64 makes the arithmetic exact to the last digit of a reference. */
export interface Parameter {
  readonly shape: Shape;
  readonly data: Values;
}

interface WithDecay {
  readonly weightDecay: number;
  /** Which tensors decay: those of two or more axes (default: no bias, norm or temperature), or all. */
  readonly decay?: "matrices" | "all";
}
export interface Moments {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}
export type OptimizerConfig =
  /** Loshchilov and Hutter 2019: weights shrink by lr * weightDecay apart from the gradient. */
  | ({ readonly name: "adamw" } & Moments & WithDecay)
  /** Kingma and Ba 2015; weightDecay * weight is added to the gradient. */
  | ({ readonly name: "adam" } & Moments & WithDecay)
  /** weightDecay * weight is added to the gradient, then momentum without dampening. */
  | ({ readonly name: "sgd"; readonly momentum: number; readonly nesterov: boolean } & WithDecay);

/** All that a resumed run needs besides the weights. */
export interface OptimizerState {
  /** Updates done. */
  readonly step: number;
  /** `<slot>.<parameter>`, with PyTorch's slot names: exp_avg, exp_avg_sq, momentum_buffer. */
  readonly tensors: ReadonlyMap<string, Parameter>;
}

export interface Optimizer {
  /** The live state: its tensors change with the next update, so copy or write them before. */
  state(): OptimizerState;
  /**
   * One update of every parameter, in place.
   * @param gradients by parameter name; they are read, not changed.
   * @param lr learning rate of this step. @param scale factor on all gradients, for clipping.
   */
  update(gradients: ReadonlyMap<string, Values>, lr: number, scale?: number): void;
}

/** One tensor's update. `decay` is the weight decay that applies to it, `step` counts from 1. */
interface Update {
  readonly weights: Values;
  readonly gradient: Values;
  readonly slots: readonly Values[];
  readonly lr: number;
  readonly scale: number;
  readonly decay: number;
  readonly step: number;
}

function adam(update: Update, { beta1, beta2, eps }: Moments, decoupled: boolean): void {
  const { weights, gradient, slots, lr, scale, decay, step } = update;
  const [mean, square] = slots as [Values, Values];
  const shrink = decoupled ? lr * decay : 0;
  const l2 = decoupled ? 0 : decay;
  const rate = lr / (1 - beta1 ** step);
  const correction = 1 / Math.sqrt(1 - beta2 ** step);
  const [fresh1, fresh2] = [1 - beta1, 1 - beta2];
  const done = inBlocks([weights, gradient, mean, square], (kernels, blocks, ...at) => {
    // in two factors, the first a power of two: a small one keeps all of float32's digits
    const power = 2 ** Math.max(-126, Math.ceil(Math.log2(scale)));
    const factors = [
      power,
      scale / power,
      l2,
      shrink,
      fresh1,
      fresh2,
      rate,
      correction,
      eps,
    ] as const;
    kernels.adam(...at, blocks, ...factors);
  });
  for (let i = done; i < weights.length; i++) {
    const w = weights[i]!;
    const g = gradient[i]! * scale + l2 * w;
    const m = beta1 * mean[i]! + fresh1 * g;
    const v = beta2 * square[i]! + fresh2 * g * g;
    mean[i] = m;
    square[i] = v;
    weights[i] = w * (1 - shrink) - (rate * m) / (Math.sqrt(v) * correction + eps);
  }
}

function sgd(
  update: Update,
  { momentum, nesterov }: { momentum: number; nesterov: boolean },
): void {
  const { weights, gradient, slots, lr, scale, decay } = update;
  const [buffer] = slots;
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i]! * scale + decay * weights[i]!;
    let direction = g;
    if (buffer) {
      // a zero buffer makes the first step the gradient itself, as PyTorch starts it
      const b = momentum * buffer[i]! + g;
      buffer[i] = b;
      direction = nesterov ? g + momentum * b : b;
    }
    weights[i]! -= lr * direction;
  }
}

interface Rule<C> {
  /** Names of the state tensors that each parameter has. */
  readonly slots: (config: C) => readonly string[];
  readonly apply: (config: C, update: Update) => void;
}
export type Named<N extends OptimizerConfig["name"]> = Extract<OptimizerConfig, { name: N }>;
const rules: { readonly [N in OptimizerConfig["name"]]: Rule<Named<N>> } = {
  adamw: {
    slots: () => ["exp_avg", "exp_avg_sq"],
    apply: (config, update) => adam(update, config, true),
  },
  adam: {
    slots: () => ["exp_avg", "exp_avg_sq"],
    apply: (config, update) => adam(update, config, false),
  },
  sgd: {
    slots: ({ momentum }) => (momentum > 0 ? ["momentum_buffer"] : []),
    apply: (config, update) => sgd(update, config),
  },
};

/** Names of the tensors that an optimizer keeps for each parameter. */
export function slotsOf<N extends OptimizerConfig["name"]>(config: Named<N>): readonly string[] {
  const rule: Rule<Named<N>> = rules[config.name as N];
  return rule.slots(config);
}

/** The weight decay that applies to a tensor of this shape. */
export const decayOf = ({ decay, weightDecay }: OptimizerConfig, shape: Shape): number =>
  decay === "all" || shape.length >= 2 ? weightDecay : 0;

const zeros = (_name: string, { data }: Parameter): Values =>
  data instanceof Float64Array ? new Float64Array(data.length) : new Float32Array(data.length);

/**
 * An optimizer of `params`.
 * @param saved state to continue from, copied; without it the state is zero.
 * @param empty makes an array of zeros for a tensor of the state, by the parameter that it is for.
 * Throws EquiclipError when the saved state belongs to other parameters or another optimizer.
 */
export function createOptimizer<N extends OptimizerConfig["name"]>(
  config: Named<N>,
  params: ReadonlyMap<string, Parameter>,
  saved?: OptimizerState,
  empty: (name: string, parameter: Parameter) => Values = zeros,
): Optimizer {
  const rule: Rule<Named<N>> = rules[config.name as N];
  const slots = slotsOf(config);
  let step = saved?.step ?? 0;
  const tensors = new Map<string, Parameter>();
  for (const [name, parameter] of params)
    for (const slot of slots) {
      const { shape, data } = parameter;
      const key = `${slot}.${name}`;
      const old = saved?.tensors.get(key)?.data;
      if (saved && old?.length !== data.length)
        throw new EquiclipError(
          `optimizer state: ${key} has ${old?.length ?? "no"} values, expected ${data.length}; resume with the config the run was started with`,
        );
      const values = empty(name, parameter);
      if (old) values.set(old);
      tensors.set(key, { shape, data: values });
    }
  return {
    state: () => ({ step, tensors }),
    update(gradients, lr, scale = 1) {
      step++;
      for (const [name, { shape, data }] of params) {
        const gradient = gradients.get(name);
        if (gradient?.length !== data.length)
          throw new Error(`optimizer: no gradient of ${data.length} values for ${name}`);
        rule.apply(config, {
          weights: data,
          gradient,
          slots: slots.map((slot) => tensors.get(`${slot}.${name}`)!.data),
          lr,
          scale,
          decay: decayOf(config, shape),
          step,
        });
      }
    },
  };
}
