/** @file Config keys that belong to one kind of model alone. */
import type { ModelKind } from "../model/model.ts";
import type { Config } from "../run/config/schema.ts";
import { UsageError } from "../run/errors.ts";

interface Key {
  readonly key: string;
  readonly of: ModelKind;
  readonly isSet: (config: Config) => boolean;
}
const KEYS: readonly Key[] = [
  { key: "model.imageSize", of: "cnn", isSet: ({ model }) => model.imageSize !== undefined },
  { key: "model.weights", of: "cnn", isSet: ({ model }) => model.weights !== undefined },
  { key: "model.outputs", of: "cnn", isSet: ({ model }) => Object.keys(model.outputs).length > 0 },
  { key: "model.layer", of: "cnn", isSet: ({ model }) => model.layer !== undefined },
  { key: "model.compat", of: "cnn", isSet: ({ model }) => model.compat.length > 0 },
  { key: "prompts", of: "clip", isSet: ({ prompts }) => prompts !== undefined },
  { key: "promptSets", of: "clip", isSet: ({ promptSets }) => Object.keys(promptSets).length > 0 },
  { key: "train.caption", of: "clip", isSet: ({ train }) => train.caption !== undefined },
  {
    key: "train.objective",
    of: "clip",
    isSet: ({ train }) => train.objective !== "prompt-cross-entropy",
  },
  { key: "model.trainable", of: "clip", isSet: ({ model }) => model.trainable.kind !== "full" },
];
const CALLED: { readonly [K in ModelKind]: string } = {
  clip: "a CLIP",
  cnn: "a convolutional network",
};

/** Throws UsageError for a key that a config sets and that another kind of model has. */
export function requireKeysOf(kind: ModelKind, config: Config): void {
  const stray = KEYS.find(({ of, isSet }) => of !== kind && isSet(config));
  if (stray)
    throw new UsageError(
      `${stray.key}: belongs to ${CALLED[stray.of]}, and model.from (${config.model.from}) is ${CALLED[kind]}; leave it out`,
    );
}
