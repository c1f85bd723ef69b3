/** @file What commands share: the engine of a config and the model it names. */
import { onnxEngine } from "../engine/onnx/engine.ts";
import type { Engine } from "../engine/engine.ts";
import { reference } from "../engine/reference.ts";
import { type ClipModel, loadClip } from "../model/folder.ts";
import type { Config } from "../run/config/schema.ts";
import type { Progress } from "../run/progress.ts";

const ENGINES: { readonly [E in Config["engine"]]: (config: Config) => Engine } = {
  onnx: ({ threads }) => onnxEngine(threads === undefined ? {} : { threads }),
  reference: () => reference,
};
export const engineOf = (config: Config): Engine => ENGINES[config.engine](config);

/** The model that a config starts from. */
export async function modelOf({ model, seed }: Config, progress: Progress): Promise<ClipModel> {
  let started = false;
  const onProgress = (received: number, total: number): void => {
    if (!started) progress.start(`downloading ${model.from}`, total);
    started = true;
    progress.update(received);
  };
  try {
    return await loadClip(model.from, { seed, hub: { revision: model.revision, onProgress } });
  } finally {
    progress.stop();
  }
}
