/** @file Weights of another training to start from: torchvision's by name, or a folder of the same architecture. */
import { statSync } from "node:fs";
import { sizeOf } from "../../graph/node.ts";
import { UsageError } from "../../run/errors.ts";
import { type Fit, fit, listed } from "../fit-weights.ts";
import { readSafetensors } from "../safetensors.ts";
import { readTorchBin } from "../torch-bin.ts";
import type { StoredTensor } from "../weights.ts";
import { ARCHITECTURES, type Architecture } from "./architectures.ts";
import { isHarmless, loadCnn } from "./folder.ts";
import type { CnnModel } from "./model.ts";
import { cnnBuffers, cnnParams, trunkNames } from "./params.ts";
import { NORMALISATIONS, type Normalisation } from "./processor.ts";

export interface Started {
  /** The network with what was taken, and the normalisation of pixels that those weights were trained with. */
  readonly model: CnnModel;
  /** Tensors and numbers that were taken. */
  readonly taken: { readonly tensors: number; readonly numbers: number };
  /** Tensors of heads that keep their start values, and why. */
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
  /** Tensors of the file that the network has no place for. */
  readonly unused: readonly string[];
}

interface Source {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly normalisation: Normalisation;
  /** What would have fitted, for errors. */
  readonly wanted: string;
}

async function sourceOf({ config, imageProcessor }: CnnModel, path: string): Promise<Source> {
  const stats = statSync(path, { throwIfNoEntry: false });
  const { architecture } = config;
  const made: Partial<Record<string, Architecture>> = ARCHITECTURES;
  const published = made[architecture]?.published;
  if (!stats)
    throw new UsageError(
      `weights ${path}: there is no such file, expected ${published ? `${published} as .safetensors, or ` : ""}a folder of cnn:${architecture}; check the path`,
    );
  if (stats.isDirectory()) {
    const other = await loadCnn(path);
    if (other.config.architecture !== architecture)
      throw new UsageError(
        `weights ${path}: this is cnn:${other.config.architecture}, expected cnn:${architecture}; pass weights of the same architecture`,
      );
    const [raw, wantsRaw] = [other.config, config].map(({ compat }) =>
      compat.includes("raw-pixels"),
    );
    if (raw !== wantsRaw)
      throw new UsageError(
        `weights ${path}: trained on pixels ${raw ? "of 0 to 255" : "divided by 255"}, expected ${raw ? "divided by 255" : "of 0 to 255"}; ${raw ? "add" : "remove"} model.compat raw-pixels, or pass other weights`,
      );
    const { mean, std } = other.imageProcessor;
    return {
      tensors: other.weights,
      normalisation: { mean, std },
      wanted: `a folder of cnn:${architecture} with the same input`,
    };
  }
  const { mean, std } = imageProcessor;
  return {
    tensors: await (/\.(pth|pt|bin)$/.test(path) ? readTorchBin : readSafetensors)(path),
    normalisation: published ? NORMALISATIONS.imagenet : { mean, std },
    wanted: published ?? `weights of cnn:${architecture}`,
  };
}

/** Every tensor of the trunk is there and fits, or the file is one of another network. */
function requireTrunk(
  { missing, wrong }: Fit,
  trunk: ReadonlySet<string>,
  path: string,
  wanted: string,
): void {
  const absent = missing.filter((name) => trunk.has(name));
  const misfits = wrong.filter(({ name }) => trunk.has(name));
  if (absent.length + misfits.length === 0) return;
  const problems = [
    ...listed("missing", absent),
    ...listed(
      "of another kind",
      misfits.map(({ name, problem }) => `${name}: ${problem}`),
    ),
  ];
  throw new UsageError(
    `weights ${path}: of the trunk's ${trunk.size} tensors, ${problems.join("; ")}; pass ${wanted}`,
  );
}

/**
 * A network whose trunk, and those layers of its heads that fit by name and shape, have weights of another training:
 * a folder that `saveCnn` wrote, or a file (safetensors, or PyTorch's .pth) with torchvision's names, as of VGG-16 for
 * `serawan` and ResNet-18. Pixels are then normalised as that training had them: for files by ImageNet's statistics.
 * Throws UsageError when the trunk is not whole, or another architecture's.
 */
export async function startFrom(model: CnnModel, path: string): Promise<Started> {
  const { tensors, normalisation, wanted } = await sourceOf(model, path);
  const { config } = model;
  const specs = [...cnnParams(config), ...cnnBuffers(config)];
  const found = fit(specs, tensors);
  const trunk = trunkNames(config);
  requireTrunk(found, trunk, path, wanted);
  const numbers = [...found.weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return {
    model: {
      ...model,
      weights: new Map(
        specs.map(({ name }) => [name, found.weights.get(name) ?? model.weights.get(name)!]),
      ),
      imageProcessor: { ...model.imageProcessor, ...normalisation },
    },
    taken: { tensors: found.weights.size, numbers },
    kept: [
      ...found.missing.map((name) => ({ name, reason: "not in the file" })),
      ...found.wrong.map(({ name, problem }) => ({ name, reason: problem })),
    ],
    unused: found.extra.filter((name) => !isHarmless(name)),
  };
}
