/** @file What commands share: the engine of a config and the model it names. */
import { existsSync } from "node:fs";
import { openEngine } from "../engine/catalog.ts";
import type { Engine } from "../engine/engine.ts";
import { type ClipModel, type LoadOptions, loadClip } from "../model/folder.ts";
import type { Config } from "../run/config/schema.ts";
import { runFolder } from "../run/folder.ts";
import type { Progress } from "../run/progress.ts";
import { loadBest } from "../train/checkpoint.ts";

/** The engine that a config asks for. */
export const engineOf = ({ engine, threads }: Config): Promise<Engine> =>
  openEngine(engine, { threads });

/** Loads a model; one of the Hub is downloaded with a bar. */
async function load(from: string, options: LoadOptions, progress: Progress): Promise<ClipModel> {
  let started = false;
  const onProgress = (received: number, total: number): void => {
    if (!started) progress.start(`downloading ${from}`, total);
    started = true;
    progress.update(received);
  };
  try {
    return await loadClip(from, { ...options, hub: { ...options.hub, onProgress } });
  } finally {
    progress.stop();
  }
}

/** The model that a config starts from. */
export const modelOf = ({ model, seed }: Config, progress: Progress): Promise<ClipModel> =>
  load(model.from, { seed, hub: { revision: model.revision } }, progress);

export const isRun = (path: string): boolean => existsSync(runFolder(path).config);

/** The CLIP that a command is given: the selected checkpoint of a run, or whatever `loadClip` takes. */
export const namedModel = async (name: string, progress: Progress): Promise<ClipModel> =>
  isRun(name) ? (await loadBest(runFolder(name).best)).model : load(name, {}, progress);
