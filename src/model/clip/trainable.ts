/** @file What training changes: the whole model, its last blocks, its head, adapters, or a classifier on top. */
import { UsageError } from "../../run/errors.ts";
import type { ParamSpec } from "../param-spec.ts";
import { type ClipConfig, type Tower, towerConfig } from "./config.ts";
import { type LoraConfig, loraParams } from "./lora.ts";
import { blockModule, clipParams } from "./params.ts";

/** What trains; the temperature does too, except with adapters and the probe. */
export type Trainable =
  | { readonly kind: "full" }
  /** The last blocks of each tower with its final norm and projection; 0 freezes the tower whole. */
  | { readonly kind: "blocks"; readonly image: number; readonly text: number }
  /** Both projections. */
  | { readonly kind: "head" }
  | ({ readonly kind: "lora" } & LoraConfig)
  /** A linear classifier on unit image embeddings. */
  | { readonly kind: "probe" };

export interface TrainedParams {
  /** Names that get gradients and updates. */
  readonly names: ReadonlySet<string>;
  /** Those among them that the plain model does not have: adapters, the probe. */
  readonly added: readonly ParamSpec[];
}

const finalNorm = {
  image: "vision_model.post_layernorm",
  text: "text_model.final_layer_norm",
} as const satisfies Record<Tower, string>;
const headWeight = {
  image: "visual_projection.weight",
  text: "text_projection.weight",
} as const satisfies Record<Tower, string>;
const towers: readonly Tower[] = ["image", "text"];

/** The classifier's parameters: `probe.weight` [classes, D], `probe.bias` [classes], D = projectionDim; both start at 0. */
const probeParams = (config: ClipConfig, classes: number): readonly ParamSpec[] => [
  {
    name: "probe.weight",
    shape: [classes, config.projectionDim],
    init: { kind: "constant", value: 0 },
  },
  { name: "probe.bias", shape: [classes], init: { kind: "constant", value: 0 } },
];

function lastBlocks(config: ClipConfig, tower: Tower, count: number): string[] {
  if (count === 0) return [];
  const total = towerConfig(config, tower).numHiddenLayers;
  if (count > total)
    throw new UsageError(
      `model.trainable.${tower}: ${count} blocks, but the ${tower} tower has ${total}; give 0 to ${total}`,
    );
  const prefixes = [
    ...Array.from({ length: count }, (_, i) => `${blockModule(tower, total - 1 - i)}.`),
    `${finalNorm[tower]}.`,
    headWeight[tower],
  ];
  return clipParams(config)
    .map((p) => p.name)
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
}

/**
 * The parameters that `trainable` trains.
 * @param classes number of target classes, for the probe.
 * Throws UsageError when more blocks are asked for than there are, when a tower without blocks is to train in part, or
 * when nothing would train.
 */
export function trainedParams(
  config: ClipConfig,
  trainable: Trainable,
  classes: number,
): TrainedParams {
  const named = (names: readonly string[]): TrainedParams => ({ names: new Set(names), added: [] });
  const adding = (added: readonly ParamSpec[]): TrainedParams => ({
    names: new Set(added.map((p) => p.name)),
    added,
  });
  switch (trainable.kind) {
    case "full":
      return named(clipParams(config).map((p) => p.name));
    case "blocks": {
      const names = towers.flatMap((tower) => lastBlocks(config, tower, trainable[tower]));
      if (names.length === 0)
        throw new UsageError(
          "model.trainable: image 0 and text 0 leave nothing to train; raise one, or take kind head or probe",
        );
      return named([...names, "logit_scale"]);
    }
    case "head":
      return named([...Object.values(headWeight), "logit_scale"]);
    case "lora":
      return adding(loraParams(config, trainable));
    case "probe":
      return adding(probeParams(config, classes));
  }
}
