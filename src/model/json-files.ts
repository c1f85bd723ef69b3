/** @file The JSON files of a model folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError, messageOf } from "../run/errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export const PROCESSOR = "preprocessor_config.json";
export const jsonObject = z.record(z.string(), z.unknown());

/** A JSON object from a file; null when there is no such file. */
export async function readJson(path: string): Promise<JsonObject | null> {
  try {
    return jsonObject.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    const reason = cause instanceof z.ZodError ? "something else" : messageOf(cause);
    throw new UsageError(
      `${path}: expected a JSON object, received ${reason}; take the original file`,
    );
  }
}

/** transformers 5 may keep the image processor inside `processor_config.json` instead. */
export async function readProcessorJson(folder: string): Promise<JsonObject> {
  const own = await readJson(join(folder, PROCESSOR));
  if (own) return own;
  const whole = await readJson(join(folder, "processor_config.json"));
  const inner = jsonObject.safeParse(whole?.["image_processor"]);
  if (inner.success) return inner.data;
  throw new UsageError(
    `${folder}: expected ${PROCESSOR} (how images are resized and normalised); copy it from the model's original folder`,
  );
}

export const toText = (json: object): string => `${JSON.stringify(json, null, 2)}\n`;

/** The `model_type` of a folder's config.json, where it says one: "clip", "equiclip-cnn", ... */
export async function modelType(folder: string): Promise<string | null> {
  const type = (await readJson(join(folder, "config.json")))?.["model_type"];
  return typeof type === "string" ? type : null;
}
