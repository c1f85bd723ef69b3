/** @file Checkpoints: `last/` to resume from, `best/` to use. Both are folders as the model's kind has them. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParamSpec } from "../model/param-spec.ts";
import { type Model, loadModel, saveModel } from "../model/model.ts";
import { readSafetensors, writeSafetensors } from "../model/safetensors.ts";
import type { StoredTensor, Weight, Weights } from "../model/weights.ts";
import { EquiclipError, UsageError } from "../run/errors.ts";
import { recoverDirectory, replaceDirectory } from "../run/files.ts";
import type { Snapshot } from "./loop-state.ts";
import type { Kept } from "./network.ts";

/** Beside the model: what training added, and the optimizer. */
const TENSORS = "training.safetensors";
const STATE = "training.json";
/** Beside the model in `best/`: the linear classifier, when one was trained. */
const PROBE = "probe.safetensors";

/** What `training.json` holds. */
interface Saved<V> extends Pick<Snapshot<V>, "state" | "lossScale"> {
  readonly optimizerStep: number;
}

const OPTIMIZER = "optimizer/";
const EMA = "ema/";
const ADDED = "added/";

const prefixed = <T>(prefix: string, tensors: Iterable<readonly [string, T]>): [string, T][] =>
  Array.from(tensors, ([name, tensor]) => [prefix + name, tensor]);
const under = (prefix: string, tensors: ReadonlyMap<string, StoredTensor>): Map<string, Weight> =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { shape, data }]) => [
        name.slice(prefix.length),
        { shape, data: Float32Array.from(data) },
      ]),
  );
const weightsOf = ({ weights }: Kept, specs: readonly ParamSpec[]): [string, Weight][] =>
  specs.map(({ name }) => [name, weights.get(name)!]);

/** Saves where the run stands; the checkpoint before it stays until this one is whole. */
export async function saveLast<V>(
  folder: string,
  model: Model,
  network: Kept,
  { state, optimizer, ema, lossScale }: Snapshot<V>,
): Promise<void> {
  await replaceDirectory(folder, async (next) => {
    await saveModel(next, { ...model, weights: network.plain(network.weights) });
    await writeSafetensors(
      join(next, TENSORS),
      new Map<string, StoredTensor>([
        ...prefixed(OPTIMIZER, optimizer.tensors),
        ...prefixed(EMA, ema ?? []),
        ...prefixed(ADDED, weightsOf(network, network.trained.added)),
      ]),
    );
    const plain: Saved<V> = { optimizerStep: optimizer.step, lossScale, state };
    await writeFile(join(next, STATE), JSON.stringify(plain));
  });
}

/**
 * Brings `network` to the state of a checkpoint and returns the rest of it; null when there is none.
 * Throws EquiclipError when it is damaged or belongs to another network.
 */
export async function loadLast<V>(folder: string, network: Kept): Promise<Snapshot<V> | null> {
  await recoverDirectory(folder);
  if (!existsSync(join(folder, STATE))) return null;
  const saved = JSON.parse(await readFile(join(folder, STATE), "utf8")) as Saved<V>;
  const tensors = await readSafetensors(join(folder, TENSORS));
  const added = under(ADDED, tensors);
  const ema = under(EMA, tensors);
  const plain = (await loadModel(folder)).weights;
  const { remembered, trained } = network;
  const addedNames = trained.added.map((spec) => spec.name);
  for (const name of new Set([...trained.names, ...remembered, ...addedNames])) {
    const source = added.get(name) ?? plain.get(name);
    const target = network.weights.get(name)!;
    if (source?.data.length !== target.data.length)
      throw new EquiclipError(
        `${folder}: ${name} has ${source?.data.length ?? "no"} values, expected ${target.data.length}; the checkpoint is of another model, start again with --fresh`,
      );
    target.data.set(source.data);
  }
  return {
    state: saved.state,
    optimizer: { step: saved.optimizerStep, tensors: under(OPTIMIZER, tensors) },
    ema: ema.size > 0 ? ema : null,
    lossScale: saved.lossScale,
  };
}

/** Saves the selected weights, and the probe where there is one. */
export async function saveBest(folder: string, model: Model, network: Kept): Promise<void> {
  await replaceDirectory(folder, async (next) => {
    await saveModel(next, { ...model, weights: network.plain(network.weights) });
    if (network.beside.length > 0)
      await writeSafetensors(join(next, PROBE), new Map(weightsOf(network, network.beside)));
  });
}

/** A selected model, and its probe's parameters where it has one. */
export interface Selected {
  readonly model: Model;
  readonly probe: Weights | null;
}
export async function loadBest(folder: string): Promise<Selected> {
  await recoverDirectory(folder);
  if (!existsSync(folder))
    throw new UsageError(
      `${folder}: there is no checkpoint yet, the run has not finished an epoch; go on with equiclip train CONFIG --resume`,
    );
  const model = await loadModel(folder);
  const probe = join(folder, PROBE);
  return { model, probe: existsSync(probe) ? under("", await readSafetensors(probe)) : null };
}
