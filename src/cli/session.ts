/** @file What commands share: the engine of a config and the model it names. */
import { existsSync } from "node:fs";
import { type Cache, openCache } from "../run/cache/cache.ts";
import { DEFAULT_LIMIT_GB, placeOf } from "../run/cache/folder.ts";
import { ENGINES, chooseEngine, openEngine, precisionsOf } from "../engine/catalog.ts";
import type { Engine } from "../engine/engine.ts";
import { type ClipModel, type LoadOptions, loadClip } from "../model/folder.ts";
import { loadCnn } from "../model/cnn/folder.ts";
import { lastLayerBelow } from "../model/cnn/graph.ts";
import type { CnnModel } from "../model/cnn/model.ts";
import { type Model, kindOf } from "../model/model.ts";
import type { Config } from "../run/config/schema.ts";
import { UsageError } from "../run/errors.ts";
import { type RunFolder, readRunConfig, runFolder } from "../run/folder.ts";
import type { Progress } from "../run/progress.ts";
import { loadBest } from "../train/checkpoint.ts";
import { checkStart, startCnn } from "../train/cnn/start.ts";
import type { Dataset } from "../train/dataset.ts";
import { requireKeysOf } from "../train/kind-keys.ts";

/** The engine that a config asks for. */
export const engineOf = async ({
  engine,
  threads,
  precision,
}: Pick<Config, "engine" | "threads" | "precision">): Promise<Engine> =>
  openEngine(engine === "auto" ? (await chooseEngine()).name : engine, { threads, precision });

interface WithEngine {
  /** Its engine has a name. */
  readonly config: Config;
  /** What is to be said of it, or null. */
  readonly said: string | null;
}

/**
 * A config to train with. A run that is there keeps its engine where the config leaves it open: another would end in
 * other last bits.
 */
export async function withEngine(
  config: Config,
  folder: RunFolder,
  resumes: boolean,
): Promise<WithEngine> {
  if (config.engine !== "auto") return { config, said: null };
  if (resumes && isRun(folder.root)) {
    const { engine } = await readRunConfig(folder);
    return { config: { ...config, engine }, said: null };
  }
  const { name, why } = await chooseEngine();
  return { config: { ...config, engine: name }, said: `engine ${name} (${why})` };
}

/**
 * The config of what is to be measured: on its own engine and in its own precision, or on this machine's when that
 * cannot run here, and in float32 when that is lacking.
 */
export async function withEngineHere(config: Config): Promise<WithEngine> {
  if (config.engine === "auto") return { config, said: null };
  const missing = await ENGINES[config.engine].missing();
  const engine = missing ? (await chooseEngine()).name : config.engine;
  const lacks = !(await precisionsOf(engine)).includes(config.precision);
  if (!missing && !lacks) return { config, said: null };
  const why = [
    ...(missing ? [`engine ${config.engine} cannot run here: ${missing.reason}`] : []),
    ...(lacks ? [`${engine} has no ${config.precision} here`] : []),
  ].join("; ");
  const precision = lacks ? "float32" : config.precision;
  const said = `${why}; measured with ${engine} in ${precision}`;
  return { config: { ...config, engine, precision }, said };
}

/** One line beside the results, or nothing. */
export const say = (line: string | null): void => {
  if (line !== null) process.stderr.write(`equiclip: ${line}\n`);
};

/** The cache that a config asks for, or null. */
export const cacheOf = ({ cache }: Pick<Config, "cache">): Cache | null =>
  cache.enabled ? openCache({ ...placeOf(cache), warn: say }) : null;

/** The cache where there is no config. */
export const defaultCache = (): Cache =>
  openCache({ ...placeOf({ limit: DEFAULT_LIMIT_GB }), warn: say });

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

/** The CLIP that a config starts from. Throws UsageError where it names another kind of model. */
export async function clipOf(config: Config, progress: Progress): Promise<ClipModel> {
  const { model, seed } = config;
  if (kindOf(model.from) !== "clip")
    throw new UsageError(
      `model.from: ${model.from} is a convolutional network, which reads no texts; expected a CLIP: preset:NAME, a folder, or a Hub id`,
    );
  requireKeysOf("clip", config);
  return load(model.from, { seed, hub: { revision: model.revision } }, progress);
}

/** The model that a training starts from, once its rows are known: a network's heads follow from them. */
export type Start = (dataset: Pick<Dataset, "task" | "rows">) => Promise<Model>;

/** How the model of a config comes about; what can be wrong without any rows is known here. */
export async function startOf(config: Config, progress: Progress): Promise<Start> {
  if (kindOf(config.model.from) === "clip") {
    const model = await clipOf(config, progress);
    return async () => model;
  }
  requireKeysOf("cnn", config);
  checkStart(config);
  return ({ task, rows }) => startCnn(config, task, Object.values(rows).flat(), say);
}

export const isRun = (path: string): boolean => existsSync(runFolder(path).config);

/** The CLIP that a command is given: the selected checkpoint of a run, or whatever `loadClip` takes. */
export async function namedModel(name: string, progress: Progress): Promise<ClipModel> {
  if (!isRun(name)) return load(name, {}, progress);
  const { model } = await loadBest(runFolder(name).best);
  return requireClip(model, name);
}

/**
 * The convolutional network that a command is given, with the layer to embed by; null for another kind of model.
 * @param layer its name, or null for the one that the run embeds by. Throws UsageError for a number, which is a CLIP's.
 */
export async function namedNetwork(
  name: string,
  layer: string | number | null,
): Promise<{ readonly model: CnnModel; readonly layer: string } | null> {
  const folder = runFolder(name);
  const ofRun = isRun(name);
  const reference = ofRun ? folder.best : name;
  if (kindOf(reference) !== "cnn") return null;
  const model = await loadCnn(reference);
  if (typeof layer === "number")
    throw new UsageError(
      `layer ${layer}: ${name} is a convolutional network, whose layers have names; equiclip network ${reference} lists them`,
    );
  if (layer !== null) return { model, layer };
  const config = ofRun ? await readRunConfig(folder) : null;
  const head = config?.data.target ?? Object.keys(model.config.heads)[0]!;
  return { model, layer: config?.model.layer ?? lastLayerBelow(model.config, head) };
}

/** Throws UsageError for another kind of model. @param name of where it comes from. */
export function requireClip(model: Model, name: string): ClipModel {
  if (model.kind === "clip") return model;
  throw new UsageError(
    `${name} is a convolutional network (cnn:${model.config.architecture}), which reads no texts; expected a CLIP`,
  );
}
