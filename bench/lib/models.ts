/** @file Models of random weights as Hugging Face folders, which both sides load. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadClip, saveClip } from "../../src/model/folder.ts";
import { cacheFolder } from "./cache.ts";
import type { Bench } from "./comparison.ts";

/** Numbers of an image that the presets are fed. */
const PIXELS = { "base-patch32": 3 * 224 * 224, small: 3 * 48 * 48 } as const;
/** Of their embeddings. */
const WIDTH = { "base-patch32": 512, small: 64 } as const;
type Preset = keyof typeof PIXELS;

export interface BenchModel {
  readonly folder: string;
  /** What it is, in words. */
  readonly name: string;
  readonly preset: Preset;
  readonly pixels: number;
  readonly width: number;
}

/** The folder of a preset's random weights, made once. */
export async function presetFolder(
  preset: Preset,
  { progress }: Pick<Bench, "progress">,
): Promise<BenchModel> {
  const folder = cacheFolder(`bench-${preset}`);
  // the weights are written last
  if (!existsSync(join(folder, "model.safetensors"))) {
    progress(`drawing the weights of ${preset}, once`);
    await saveClip(folder, await loadClip(`preset:${preset}`, { seed: 1 }));
  }
  const name = preset === "small" ? "a CLIP of 1M parameters" : "ViT-B/32";
  return { folder, name, preset, pixels: PIXELS[preset], width: WIDTH[preset] };
}

/** ViT-B/32 of real size; a small one to show that everything runs. */
export const vitB32 = (bench: Pick<Bench, "progress" | "quick">): Promise<BenchModel> =>
  presetFolder(bench.quick ? "small" : "base-patch32", bench);
