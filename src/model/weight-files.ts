/** @file Which files of a model folder hold its weights: one file or shards, safetensors or pickled. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { EquiclipError, messageOf } from "../run/errors.ts";
import { readSafetensors } from "./safetensors.ts";
import { readTorchBin } from "./torch-bin.ts";
import type { StoredTensor } from "./weights.ts";

interface WeightFile {
  readonly name: string;
  /** Whether the file is an index that names shards. */
  readonly index: boolean;
  readonly read: (path: string) => Promise<Map<string, StoredTensor>>;
}

/** In order of preference, which is transformers'. */
const WEIGHT_FILES: readonly WeightFile[] = [
  { name: "model.safetensors", index: false, read: readSafetensors },
  { name: "model.safetensors.index.json", index: true, read: readSafetensors },
  { name: "pytorch_model.bin", index: false, read: readTorchBin },
  { name: "pytorch_model.bin.index.json", index: true, read: readTorchBin },
];

/** The preferred one among the names that a folder or repository has; null when none holds weights. */
export const chooseWeightFile = (has: (name: string) => boolean): WeightFile | null =>
  WEIGHT_FILES.find(({ name }) => has(name)) ?? null;

export const weightFileNames = WEIGHT_FILES.map(({ name }) => name).join(", ");

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The shards that an index names. Throws EquiclipError when it is damaged or points out of its folder. */
export async function readShardNames(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EquiclipError(`${path}: expected JSON: ${messageOf(cause)}; download it again`, 1, {
      cause,
    });
  }
  const index = indexSchema.safeParse(json);
  const names = index.success ? [...new Set(Object.values(index.data.weight_map))] : [];
  const stray = names.find((name) => basename(name) !== name);
  if (!index.success || names.length === 0 || stray !== undefined)
    throw new EquiclipError(
      `${path}: expected weight_map to name files beside it, received ${stray ?? "none"}; download it again`,
    );
  return names;
}

/** Every tensor that a folder's weight file or shards hold, by name. */
export async function readTensors(folder: string): Promise<Map<string, StoredTensor>> {
  const chosen = chooseWeightFile((name) => existsSync(join(folder, name)));
  if (!chosen)
    throw new EquiclipError(
      `${folder} holds no weights: expected one of ${weightFileNames}; pass the folder of a Hugging Face CLIP model`,
    );
  const path = join(folder, chosen.name);
  if (!chosen.index) return chosen.read(path);
  const tensors = new Map<string, StoredTensor>();
  for (const shard of await readShardNames(path))
    for (const [name, tensor] of await chosen.read(join(folder, shard))) {
      if (tensors.has(name))
        throw new EquiclipError(
          `${path}: tensor "${name}" is in two shards, ${shard} the second; download it again`,
        );
      tensors.set(name, tensor);
    }
  return tensors;
}
