/** @file What a convolutional network minimises: its outputs' losses, weighted, and the penalty of its layers. */
import { add, input } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { CnnConfig } from "../../model/cnn/config.ts";
import { type DropoutMask, classLogits, cnnGraph, penalty } from "../../model/cnn/graph.ts";
import { type Layer, withInner } from "../../model/cnn/layers.ts";
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

const layersOf = ({ trunk, heads }: CnnConfig): readonly Layer[] =>
  [trunk, ...Object.values(heads).map(({ layers }) => layers)].flat().flatMap(withInner);

const maskName = ({ name }: DropoutMask): string => `dropout:${name}`;

/** @param seed of the dropout masks. Throws UsageError when every loss weighs nothing. */
export function cnnObjective(
  config: CnnConfig,
  target: TargetOutput,
  others: readonly LearntOutput[],
  seed: number,
): Objective<Trainee> {
  if ([target, ...others].every(({ weight }) => weight === 0))
    throw new UsageError(
      "model.outputs: every loss has weight 0, so nothing would be learnt; give one of them a weight",
    );
  const head = config.heads[target.name]!;
  const byLogits = classifierObjective<Trainee>(
    target.classes,
    target.labels,
    target.terms,
    (_network, logits) => logits,
  );
  const trained = [target, ...others].filter(({ weight }) => weight > 0);
  const masks = masksOf(
    config,
    trained.map(({ name }) => name),
  );
  return {
    // batch norm would count rows that only fill a batch
    rest: layersOf(config).some(({ kind }) => kind === "batchNorm") ? "own" : "filled",
    loss: (network, pixels, weights) => {
      const mask = (of: DropoutMask): Node => input(maskName(of), of.shape);
      const graph = cnnGraph(config, network.param, pixels, { kind: "train", mask });
      const outputOf = (name: string): Node => graph.outputs[name]!;
      const own = byLogits.loss(network, classLogits(head, outputOf(target.name)), weights);
      const value = weightedSum([
        { value: own.value, weight: target.weight },
        ...others.map(({ name, weight, loss }) => ({
          value: loss(outputOf(name), weights),
          weight,
        })),
      ]);
      const kernels = penalty(config, network.param);
      return {
        value: kernels ? add(value, kernels) : value,
        state: { ...own.state, ...graph.state },
      };
    },
    feeds: (rows, weights) => ({
      ...byLogits.feeds(rows, weights),
      ...Object.assign({}, ...others.map(({ feeds }) => feeds(rows))),
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
