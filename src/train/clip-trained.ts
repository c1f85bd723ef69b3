/** @file A trained CLIP, ready to embed images and to answer. */
import type { Engine } from "../engine/engine.ts";
import { WHOLE, cutOf } from "../model/clip/cut.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Weights } from "../model/weights.ts";
import type { Cache } from "../run/cache/cache.ts";
import type { Config } from "../run/config/schema.ts";
import { createEncoder } from "./encoder.ts";
import { createPrefix } from "./features/prefix.ts";
import { openFeatures, pixelInputs } from "./features/rows.ts";
import { createTowers, fromCut } from "./network.ts";
import type { Task } from "./predict.ts";
import { promptTexts } from "./prompts.ts";
import type { Trained } from "./trained.ts";

/**
 * Compiles a selected checkpoint.
 * @param probe its linear classifier's parameters, where it has one.
 * @param cache of what its image tower, or the part of it that did not train, makes of images; null: nothing is kept.
 */
export async function openClip(
  engine: Engine,
  config: Config,
  task: Task,
  model: ClipModel,
  probe: Weights | null,
  cache: Cache | null,
): Promise<Trained> {
  const towers = createTowers(model.config, new Map([...model.weights, ...(probe ?? [])]));
  const texts = probe ? null : promptTexts(model, config.prompts, task);
  // nothing trains any more: where training left nothing frozen, all of it is now
  const cut = cache && (cutOf(model.config, config.model.trainable, "image") ?? WHOLE);
  const prefix = cut && createPrefix(engine, towers, cut, model.imageProcessor);
  const fed = fromCut(towers, cut);
  const encoder = await createEncoder(engine, fed, texts, config.evaluate.batchSize);
  return {
    encoder,
    classifier: await encoder.classifier(),
    inputsOf: async (store) =>
      prefix
        ? openFeatures(prefix, store, cache, false)
        : { ...pixelInputs(store), close: async () => {} },
    dispose: async () => {
      await encoder.dispose();
      await prefix?.release();
    },
  };
}
