/** @file A trained convolutional network, ready to embed images and to answer. */
import type { Engine } from "../../engine/engine.ts";
import type { CnnModel } from "../../model/cnn/model.ts";
import type { Config } from "../../run/config/schema.ts";
import { openEncoder } from "../encoder.ts";
import { type RowInputs, pixelInputs } from "../features/rows.ts";
import type { Task } from "../predict.ts";
import type { Trained } from "../trained.ts";
import { classifierAbove, cutAt, embedderOf } from "./classifier.ts";

const WHITE = 255;

/** (compat) What was trained on pixels divided by 255 is fed those of 0 to 255. */
const raw = ({ cut, batch }: RowInputs): RowInputs => ({
  cut,
  batch: async (rows, epoch) => (await batch(rows, epoch)).map((level) => level * WHITE),
});

/** Compiles a selected checkpoint up to the config's layer. */
export async function openCnn(
  engine: Engine,
  config: Config,
  task: Task,
  { config: network, weights }: CnnModel,
): Promise<Trained> {
  const cut = cutAt(network, task.target, config.model.layer);
  const encoder = await openEncoder(
    engine,
    embedderOf(network, weights, cut),
    classifierAbove(network, task.target, cut),
    config.evaluate.batchSize,
  );
  const isRaw = network.compat.includes("raw-pixels-at-prediction");
  return {
    encoder,
    classifier: await encoder.classifier(),
    inputsOf: async (store) => {
      const inputs = pixelInputs(store);
      return { ...(isRaw ? raw(inputs) : inputs), close: async () => {} };
    },
    dispose: () => encoder.dispose(),
  };
}
