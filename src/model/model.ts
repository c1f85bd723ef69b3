/** @file A model of any kind, and its folder in and out. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClipModel } from "./clip-model.ts";
import { MODEL_TYPE } from "./cnn/config-json.ts";
import { loadCnn, saveCnn } from "./cnn/folder.ts";
import type { CnnModel } from "./cnn/model.ts";
import { loadClip, saveClip } from "./folder.ts";
import { parseReference } from "./reference.ts";

export type Model = ClipModel | CnnModel;
export type ModelKind = Model["kind"];

/** What a folder says that it is; a CLIP where it says nothing that can be read. */
function kindOfFolder(path: string): ModelKind {
  try {
    const { model_type: type } = JSON.parse(readFileSync(join(path, "config.json"), "utf8")) as {
      model_type?: unknown;
    };
    return type === MODEL_TYPE ? "cnn" : "clip";
  } catch {
    return "clip";
  }
}

/** The kind of model that a reference names (see `parseReference`), without loading it. */
export function kindOf(reference: string): ModelKind {
  const found = parseReference(reference);
  if (found.kind === "folder") return kindOfFolder(found.path);
  return found.kind === "cnn" ? "cnn" : "clip";
}

/** The model of a folder. Throws what `loadClip` and `loadCnn` throw. */
export const loadModel = (folder: string): Promise<Model> =>
  kindOfFolder(folder) === "cnn" ? loadCnn(folder) : loadClip(folder);

/** Writes the folder of a model. Throws EquiclipError when a file cannot be written. */
export const saveModel = (folder: string, model: Model): Promise<void> =>
  model.kind === "cnn" ? saveCnn(folder, model) : saveClip(folder, model);
