/** @file Where tests find reference numbers and data that are too large or not free to live in the repository. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const shared = join(import.meta.dirname, "..", "..", "shared");
const finder =
  (folder: string) =>
  (...parts: readonly string[]): string =>
    join(folder, ...parts);

const referenceFolder = process.env["EQUICLIP_REFERENCE"] ?? join(shared, "reference");
/** A file of the goldens made by PyTorch, Hugging Face, fairlearn and scikit-learn. */
export const reference = finder(referenceFolder);
export const hasReference = existsSync(referenceFolder);

const modelsFolder = process.env["EQUICLIP_MODELS"] ?? join(shared, "models");
/** CLIP's published tokenizer files. */
export const sharedModels = finder(modelsFolder);
export const hasSharedModels = existsSync(modelsFolder);

const utkfaceFolder = process.env["EQUICLIP_UTKFACE"] ?? join(shared, "data", "utkface");
/** UTKFace: `images/` and `audit.csv`. */
export const utkface = finder(utkfaceFolder);
export const hasUtkface = existsSync(utkfaceFolder);

const faceapiFolder = process.env["EQUICLIP_FACEAPI"] ?? join(shared, "data", "faceapi");
/** What a pretrained face network says of UTKFace: `predictions.csv`. */
export const faceapi = finder(faceapiFolder);
export const hasFaceapi = existsSync(faceapiFolder);

/** A Python with torch, transformers, onnx and tensorboard, or undefined. */
export const python: string | undefined = process.env["EQUICLIP_PYTHON"];
