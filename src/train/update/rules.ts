/** @file The rules of optimizer.ts as graphs, for tensors that stay with an engine. */
import { add, div, mul, sqrt, sub } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { Moments, Named, OptimizerConfig } from "./optimizer.ts";

/** One tensor before its update. */
interface Operands {
  readonly weights: Node;
  /** Clipped. */
  readonly gradient: Node;
  /** The tensors that the optimizer keeps for it, in the order that optimizer.ts has them. */
  readonly slots: readonly Node[];
  /** The weight decay that applies to it. */
  readonly decay: number;
  /** A scalar that is fed. */
  readonly scalar: (name: string) => Node;
}
type Updated = Pick<Operands, "weights" | "slots">;

interface Rule<C> {
  readonly update: (config: C, of: Operands) => Updated;
  /** What is fed in update `step`, counted from 1. */
  readonly scalars: (config: C, lr: number, step: number) => Readonly<Record<string, number>>;
}

const withDecay = ({ gradient, weights, decay }: Operands): Node =>
  decay === 0 ? gradient : add(gradient, mul(weights, decay));

function adam({ beta1, beta2, eps }: Moments, of: Operands, decoupled: boolean): Updated {
  const { weights, scalar, decay } = of;
  const [mean, square] = of.slots as [Node, Node];
  const g = decoupled ? of.gradient : withDecay(of);
  const m = add(mul(mean, beta1), mul(g, 1 - beta1));
  const v = add(mul(square, beta2), mul(mul(g, g), 1 - beta2));
  const kept = decoupled && decay !== 0 ? mul(weights, scalar("keep")) : weights;
  const spread = add(mul(sqrt(v), scalar("correction")), eps);
  return { weights: sub(kept, div(mul(m, scalar("rate")), spread)), slots: [m, v] };
}
const adamScalars = ({ beta1, beta2 }: Moments, lr: number, step: number) => ({
  rate: lr / (1 - beta1 ** step),
  correction: 1 / Math.sqrt(1 - beta2 ** step),
});

const rules: { readonly [N in OptimizerConfig["name"]]: Rule<Named<N>> } = {
  adamw: {
    update: (config, of) => adam(config, of, true),
    scalars: (config, lr, step) => ({
      ...adamScalars(config, lr, step),
      keep: 1 - lr * config.weightDecay,
    }),
  },
  adam: { update: (config, of) => adam(config, of, false), scalars: adamScalars },
  sgd: {
    update: ({ momentum, nesterov }, of) => {
      const g = withDecay(of);
      const [buffer] = of.slots;
      const b = buffer && add(mul(buffer, momentum), g);
      const direction = b ? (nesterov ? add(g, mul(b, momentum)) : b) : g;
      const weights = sub(of.weights, mul(direction, of.scalar("rate")));
      return { weights, slots: b ? [b] : [] };
    },
    scalars: (_config, lr) => ({ rate: lr }),
  },
};

export const updatedNodes = <N extends OptimizerConfig["name"]>(
  config: Named<N>,
  of: Operands,
): Updated => {
  const rule: Rule<Named<N>> = rules[config.name as N];
  return rule.update(config, of);
};

export const updateScalars = <N extends OptimizerConfig["name"]>(
  config: Named<N>,
  lr: number,
  step: number,
): Readonly<Record<string, number>> => {
  const rule: Rule<Named<N>> = rules[config.name as N];
  return rule.scalars(config, lr, step);
};
