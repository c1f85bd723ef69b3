/** @file Folders of convolutional networks: config.json, preprocessor_config.json, model.safetensors. */
import { join } from "node:path";
import { UsageError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { fitAll } from "../fit-weights.ts";
import { parseImageProcessor, toHuggingFaceImageProcessor } from "../image-processor.ts";
import { PROCESSOR, readJson, readProcessorJson, toText } from "../json-files.ts";
import { writeSafetensors } from "../safetensors.ts";
import { readTensors } from "../weight-files.ts";
import { MODEL_TYPE, parseCnnConfig, toCnnJson } from "./config-json.ts";
import type { CnnModel } from "./model.ts";
import { cnnBuffers, cnnParams } from "./params.ts";

/** How many batches PyTorch's batch norm has seen: used only where it has no momentum. */
export const isHarmless = (name: string): boolean => name.endsWith(".num_batches_tracked");

/**
 * The network that a folder holds.
 * Throws UsageError when it holds another kind of model or its parts do not fit each other, EquiclipError when files are damaged.
 */
export async function loadCnn(folder: string): Promise<CnnModel> {
  const file = join(folder, "config.json");
  const json = await readJson(file);
  if (!json)
    throw new UsageError(
      `${folder} is no model: expected a config.json; pass the folder of a convolutional network`,
    );
  const type = json["model_type"];
  if (type !== MODEL_TYPE)
    throw new UsageError(
      `${file}: model_type is ${JSON.stringify(type) ?? "missing"}, expected "${MODEL_TYPE}"; pass the folder of a convolutional network that was trained here`,
    );
  const config = parseCnnConfig(json, file);
  const imageProcessor = parseImageProcessor(
    await readProcessorJson(folder),
    join(folder, PROCESSOR),
  );
  const { size, channels } = config.input;
  const { crop } = imageProcessor;
  const given = imageProcessor.channels ?? 3;
  if (crop.width !== size || crop.height !== size || given !== channels)
    throw new UsageError(
      `${folder}: the image processor gives ${crop.width} x ${crop.height} pixels of ${given === 1 ? "1 channel" : "3 channels"}, expected the network's ${size} x ${size} of ${channels}; take both from the same model`,
    );
  const specs = [...cnnParams(config), ...cnnBuffers(config)];
  const tensors = await readTensors(folder);
  const weights = fitAll(specs, tensors, isHarmless, folder, `${config.architecture} network`);
  return { kind: "cnn", config, weights, imageProcessor };
}

/** Writes a folder that `loadCnn` reads; each file is replaced whole. Throws EquiclipError when one cannot be written. */
export async function saveCnn(folder: string, model: CnnModel): Promise<void> {
  const { config, imageProcessor, weights } = model;
  await writeFileAtomic(join(folder, "config.json"), toText(toCnnJson(config)));
  const processor = toText(toHuggingFaceImageProcessor(imageProcessor));
  await writeFileAtomic(join(folder, PROCESSOR), processor);
  await writeSafetensors(join(folder, "model.safetensors"), weights);
}
