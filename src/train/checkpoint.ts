/** @file Checkpoints: `last/` to resume from, `best/` to use. Both are Hugging Face folders. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParamSpec } from "../model/clip/params.ts";
import { type ClipModel, loadClip, saveClip } from "../model/folder.ts";
import { readSafetensors, writeSafetensors } from "../model/safetensors.ts";
import type { StoredTensor, Weight, Weights } from "../model/weights.ts";
import { EquiclipError, UsageError } from "../run/errors.ts";
import { recoverDirectory, replaceDirectory } from "../run/files.ts";
import type { Snapshot } from "./loop-state.ts";
import { type Network, plainWeights } from "./network.ts";

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
const weightsOf = ({ weights }: Network, specs: readonly ParamSpec[]): [string, Weight][] =>
  specs.map(({ name }) => [name, weights.get(name)!]);

/** Saves where the run stands; the checkpoint before it stays until this one is whole. */
export async function saveLast<V>(
  folder: string,
  model: ClipModel,
  network: Network,
  { state, optimizer, ema, lossScale }: Snapshot<V>,
): Promise<void> {
  await replaceDirectory(folder, async (next) => {
    await saveClip(next, { ...model, weights: plainWeights(network) });
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
export async function loadLast<V>(folder: string, network: Network): Promise<Snapshot<V> | null> {
  await recoverDirectory(folder);
  if (!existsSync(join(folder, STATE))) return null;
  const saved = JSON.parse(await readFile(join(folder, STATE), "utf8")) as Saved<V>;
  const tensors = await readSafetensors(join(folder, TENSORS));
  const added = under(ADDED, tensors);
  const ema = under(EMA, tensors);
  const plain = (await loadClip(folder)).weights;
  const { names, added: specs } = network.trained;
  for (const name of new Set([...names, ...specs.map((spec) => spec.name)])) {
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

/** The probe's parameters: what training added to the model, without what it added beside it. */
function probeSpecs({ trained, companions: { params, state } }: Network): ParamSpec[] {
  const beside = new Set([...params, ...state]);
  return trained.added.filter((spec) => !beside.has(spec));
}

/** Saves the selected weights, and the probe where there is one. */
export async function saveBest(folder: string, model: ClipModel, network: Network): Promise<void> {
  await replaceDirectory(folder, async (next) => {
    await saveClip(next, { ...model, weights: plainWeights(network) });
    if (network.trainable.kind === "probe")
      await writeSafetensors(join(next, PROBE), new Map(weightsOf(network, probeSpecs(network))));
  });
}

/** The selected model, and its probe's parameters where it has one. */
export async function loadBest(
  folder: string,
): Promise<{ model: ClipModel; probe: Weights | null }> {
  await recoverDirectory(folder);
  if (!existsSync(folder))
    throw new UsageError(
      `${folder}: there is no checkpoint yet, the run has not finished an epoch; go on with equiclip train CONFIG --resume`,
    );
  const model = await loadClip(folder);
  const probe = join(folder, PROBE);
  return { model, probe: existsSync(probe) ? under("", await readSafetensors(probe)) : null };
}
