/** @file Hugging Face CLIP folders in and out. */
import { join } from "node:path";
import { UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import { checkParts, clipWeights, type ClipModel } from "./clip-model.ts";
import { parseClipConfig, toHuggingFaceConfig } from "./clip/config.ts";
import { MODEL_TYPE as CNN } from "./cnn/config-json.ts";
import { fetchFromHub, type HubOptions } from "./hub.ts";
import { parseImageProcessor, toHuggingFaceImageProcessor } from "./image-processor.ts";
import {
  type JsonObject,
  PROCESSOR,
  jsonObject,
  readJson,
  readProcessorJson,
  toText,
} from "./json-files.ts";
import { presetModel } from "./presets.ts";
import { parseReference } from "./reference.ts";
import { writeSafetensors } from "./safetensors.ts";
import { wholeTokenizerFiles } from "./tokenizer-json.ts";
import { loadTokenizer } from "./tokenizer.ts";
import { readTensors } from "./weight-files.ts";

export type { ClipModel } from "./clip-model.ts";

export interface LoadOptions {
  /** Of a preset's random weights; 0 by default. */
  readonly seed?: number | undefined;
  /** A folder to take the tokenizer from, where the model has none or another is wanted. */
  readonly tokenizer?: string | undefined;
  readonly hub?: HubOptions | undefined;
}

/**
 * The CLIP that a reference names: `preset:NAME`, a local folder, or a Hub id (see `parseReference`).
 * Throws UsageError when it is not one or its parts do not fit, EquiclipError when files are damaged or not to be had.
 */
export async function loadClip(reference: string, options: LoadOptions = {}): Promise<ClipModel> {
  const found = parseReference(reference);
  if (found.kind === "preset") {
    const tokenizer = options.tokenizer ? await loadTokenizer(options.tokenizer) : null;
    return presetModel(found.name, options.seed ?? 0, tokenizer);
  }
  if (found.kind === "cnn")
    throw new UsageError(
      `${reference}: this is a convolutional network, expected a CLIP model; pass preset:NAME, the folder of a CLIP or a Hub id`,
    );
  const folder = found.kind === "hub" ? await fetchFromHub(found.id, options.hub) : found.path;
  const configFile = join(folder, "config.json");
  const configJson = await readJson(configFile);
  if (!configJson)
    throw new UsageError(
      `${folder} is no model: expected a config.json; pass the folder of a Hugging Face CLIP model`,
    );
  if (configJson["model_type"] === CNN)
    throw new UsageError(
      `${configFile}: this is a convolutional network (cnn:${String(configJson["architecture"])}), expected a CLIP model; pass the folder of a CLIP`,
    );
  const config = parseClipConfig(configJson, configFile);
  const processorJson = await readProcessorJson(folder);
  const imageProcessor = parseImageProcessor(processorJson, join(folder, PROCESSOR));
  const tokenizer = await loadTokenizer(options.tokenizer ?? folder);
  checkParts(config, tokenizer, imageProcessor, folder);
  const weights = clipWeights(config, await readTensors(folder), folder);
  const source = { config: configJson, imageProcessor: processorJson };
  return { kind: "clip", config, weights, tokenizer, imageProcessor, source };
}

/** What was said about number formats, and duplicates of the towers' configs: no longer true of what is written. */
const STALE = new Set(["torch_dtype", "dtype", "text_config_dict", "vision_config_dict"]);

/** `known` over `old`, object by object; fields that only `old` has stay. */
function merged(old: JsonObject, known: object): JsonObject {
  const kept = Object.entries(old).filter(([key]) => !STALE.has(key));
  const fresh = Object.entries(known).map(([key, value]) => {
    const before = jsonObject.safeParse(old[key]);
    const after = jsonObject.safeParse(value);
    return [key, before.success && after.success ? merged(before.data, after.data) : value];
  });
  return { ...Object.fromEntries(kept), ...Object.fromEntries(fresh) };
}

/**
 * Writes all of a folder but its weights: the tokenizer's files as they were, and every field of the original JSON files.
 * Each file is replaced whole.
 */
async function saveFiles(
  folder: string,
  { config, tokenizer, imageProcessor, source }: ClipModel,
): Promise<void> {
  const files = {
    "config.json": toText(merged(source.config, toHuggingFaceConfig(config))),
    [PROCESSOR]: toText(merged(source.imageProcessor, toHuggingFaceImageProcessor(imageProcessor))),
    ...tokenizer.files,
  };
  for (const [name, text] of Object.entries(files)) await writeFileAtomic(join(folder, name), text);
}

/**
 * Writes a folder that Python's `CLIPModel`, `CLIPTokenizer` and `AutoProcessor` load, with 32-bit weights; see `saveFiles`.
 * `CLIPModel` refuses a convolutional image tower, with the reason.
 * Throws EquiclipError when a file cannot be written.
 */
export async function saveClip(folder: string, model: ClipModel): Promise<void> {
  await saveFiles(folder, model);
  await writeSafetensors(join(folder, "model.safetensors"), model.weights);
}

/**
 * Writes a folder that transformers.js loads: the files of `saveClip`, a `tokenizer.json` where the model had none, and
 * ONNX models in `onnx/` instead of weights.
 * @param onnx makes the bytes of each file in turn, by its name without the ending
 */
export async function saveOnnxFolder(
  folder: string,
  model: ClipModel,
  onnx: Readonly<Record<string, () => Iterable<Uint8Array>>>,
): Promise<void> {
  const { tokenizer } = model;
  const files = wholeTokenizerFiles(tokenizer.files, folder);
  await saveFiles(folder, { ...model, tokenizer: { ...tokenizer, files } });
  for (const [name, make] of Object.entries(onnx))
    await writeFileAtomic(join(folder, "onnx", `${name}.onnx`), make());
}
