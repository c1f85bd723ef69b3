/** @file What a model's name means: a preset, a convolutional architecture, a local folder, or an id of the Hugging Face Hub. */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { UsageError } from "../run/errors.ts";

export type ModelReference =
  | { readonly kind: "preset"; readonly name: string }
  | { readonly kind: "cnn"; readonly name: string }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "hub"; readonly id: string };

const HUB_ID = /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/;
/** Starts with `.`, `/`, `~` or a drive, ends with a slash, or has a backslash. */
const LOCAL = /^[./~]|^[a-z]:|\\|\/$/i;

/**
 * `preset:NAME` is a preset, `cnn:NAME` an untrained convolutional network; what exists is a local folder; what looks like a path must exist; `owner/name` is an id.
 * Throws UsageError for anything else.
 */
export function parseReference(reference: string): ModelReference {
  for (const kind of ["preset", "cnn"] as const)
    if (reference.startsWith(`${kind}:`)) return { kind, name: reference.slice(kind.length + 1) };
  const path = reference.replace(/^~(?=[\\/])/, homedir());
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return { kind: "folder", path };
  const kinds =
    "expected a folder with config.json, a Hub id such as openai/clip-vit-base-patch32, preset:NAME, or cnn:NAME";
  if (stats)
    throw new UsageError(`model ${reference}: ${kinds}, received a file; pass the folder it is in`);
  if (!LOCAL.test(reference) && HUB_ID.test(reference)) return { kind: "hub", id: reference };
  throw new UsageError(
    `model ${reference}: ${kinds}; there is no folder ${JSON.stringify(path)}, check the path`,
  );
}
