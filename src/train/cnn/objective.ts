/** @file What a convolutional network minimises: its outputs' losses, weighted, and the penalty of its layers. */
import { add, input } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { CnnConfig } from "../../model/cnn/config.ts";
import { type DropoutMask, classLogits, cnnGraph, penalty } from "../../model/cnn/graph.ts";
import { layersOf } from "../../model/cnn/shapes.ts";
import { UsageError } from "../../run/errors.ts";
import type { LossTerm } from "../fairness/term.ts";
import type { Trainee } from "../network.ts";
import { type Objective, classifierObjective } from "../objective.ts";
import { drawMask, masksOf } from "./masks.ts";
import { type LearntOutput, weightedSum } from "./outputs.ts";

/** The target among the outputs. */
export interface TargetOutput {
  readonly name: string;
  readonly weight: number;
  readonly classes: number;
  /** Class of every row. */
  readonly labels: Int32Array;
  readonly terms: readonly LossTerm[];
}

const maskName = ({ name }: DropoutMask): string => `dropout:${name}`;

/**
 * A network with those heads alone that a loss reaches: the others are neither computed nor trained, so that their
 * weights do not decay.
 * Throws UsageError when every loss weighs nothing.
 */
export function learning(
  config: CnnConfig,
  outputs: readonly Pick<LearntOutput, "name" | "weight">[],
): CnnConfig {
  const weighed = outputs.filter(({ weight }) => weight > 0).map(({ name }) => name);
  if (weighed.length === 0)
    throw new UsageError(
      "model.outputs: every loss has weight 0, so nothing would be learnt; give one of them a weight",
    );
  const heads = Object.entries(config.heads).filter(([name]) => weighed.includes(name));
  return { ...config, heads: Object.fromEntries(heads) };
}

/** @param seed of the dropout masks. Throws what `learning` throws. */
export function cnnObjective(
  whole: CnnConfig,
  target: TargetOutput,
  others: readonly LearntOutput[],
  seed: number,
): Objective<Trainee> {
  const config = learning(whole, [target, ...others]);
  const head = whole.heads[target.name]!;
  const beside = others.filter(({ weight }) => weight > 0);
  const byLogits = classifierObjective<Trainee>(
    target.classes,
    target.labels,
    target.terms,
    (_network, logits) => logits,
  );
  const masks = masksOf(config);
  return {
    // batch norm would count rows that only fill a batch
    rest: layersOf(config).some(({ kind }) => kind === "batchNorm") ? "own" : "filled",
    loss: (network, pixels, weights) => {
      const mask = (of: DropoutMask): Node => input(maskName(of), of.shape);
      const graph = cnnGraph(config, network.param, pixels, { kind: "train", mask });
      const z = graph.outputs[target.name];
      const own = z ? byLogits.loss(network, classLogits(head, z), weights) : null;
      const value = weightedSum([
        ...(own ? [{ value: own.value, weight: target.weight }] : []),
        ...beside.map(({ name, weight, loss }) => ({
          value: loss(graph.outputs[name]!, weights),
          weight,
        })),
      ]);
      const kernels = penalty(config, network.param);
      return {
        value: kernels ? add(value, kernels) : value,
        state: { ...own?.state, ...graph.state },
      };
    },
    feeds: (rows, weights) => ({
      ...byLogits.feeds(rows, weights),
      ...Object.assign({}, ...beside.map(({ feeds }) => feeds(rows))),
    }),
    draw: (rows, place) =>
      Object.fromEntries(
        masks.map((mask) => [
          maskName(mask),
          drawMask({ ...mask, shape: [rows, ...mask.shape] }, seed, place),
        ]),
      ),
  };
}
