/** @file Folds an eraser, or all that a method fitted, into a checkpoint. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { toAffineEach } from "../../debias/compose.ts";
import { debiaserFromJSON } from "../../debias/debiaser-json.ts";
import type { Debiaser } from "../../debias/debiaser.ts";
import { fromJSON } from "../../debias/eraser-json.ts";
import type { Eraser } from "../../debias/eraser.ts";
import type { Tower } from "../../model/clip/config.ts";
import { type AffineMap, foldMap } from "../../model/clip/fold.ts";
import { saveClip } from "../../model/folder.ts";
import { UsageError, messageOf } from "../../run/errors.ts";
import { runFolder } from "../../run/folder.ts";
import { terminalProgress } from "../../run/progress.ts";
import { isVariants, variantsFromJSON } from "../../train/variants/json.ts";
import { isRun, namedModel } from "../session.ts";

const SIDES = {
  image: ["image"],
  text: ["text"],
  both: ["image", "text"],
} as const satisfies Record<string, readonly Tower[]>;

export interface FoldOptions {
  readonly model: string;
  readonly method: string | undefined;
  readonly erasers: string | undefined;
  readonly sides: keyof typeof SIDES | undefined;
  /** Whether the constant is left out. */
  readonly linear: boolean;
  readonly fittedOn: "unit" | "raw";
  readonly out: string;
}

/** What a file holds of one method: the erasers of each side, applied in order. */
interface Fitted {
  readonly method: string;
  readonly chains: Readonly<Record<Tower, readonly Eraser[]>>;
}

/** One eraser, for the sides that are asked for: images by default. */
function ofEraser(json: unknown, sides: FoldOptions["sides"] = "image"): Debiaser {
  const eraser = fromJSON(json);
  return {
    method: eraser.method,
    image: sides === "text" ? [] : [eraser],
    text: sides === "image" ? [] : [eraser],
    classText: null,
    renormalise: true,
  };
}

/** What a file holds: the variants of a run, methods, or single erasers; what is no map of embeddings is null. */
function heldBy(json: unknown, sides: FoldOptions["sides"]): [string, Debiaser | null][] {
  if (isVariants(json))
    return [...variantsFromJSON(json)].map(([method, variant]) => [
      method,
      variant.kind === "embedding" ? variant.debiaser : null,
    ]);
  return [json].flat().map((part: unknown) => {
    const isMethod = typeof part === "object" && part !== null && "image" in part;
    const debiaser = isMethod ? debiaserFromJSON(part) : ofEraser(part, sides);
    return [debiaser.method, debiaser];
  });
}

/** Throws UsageError when the file holds no such method, or one that a checkpoint cannot hold. */
async function readFitted(path: string, { method, sides }: FoldOptions): Promise<Fitted> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new UsageError(`${path}: expected a file of erasers: ${messageOf(cause)}`, { cause });
  }
  const held = heldBy(json, sides);
  const found = held.filter(([name]) => method === undefined || name === method);
  if (found.length !== 1)
    throw new UsageError(
      `${path}: expected ${method === undefined ? "one eraser" : `an eraser of method ${method}`}, received ${held.map(([name]) => name).join(", ") || "none"}; choose one with --method`,
    );
  const [[name, debiaser]] = found as [[string, Debiaser | null]];
  if (!debiaser || debiaser.classText)
    throw new UsageError(
      `${path}: ${name} is ${debiaser ? "a map for each class's text" : "no map of embeddings"}, and a projection holds one map; choose another with --method`,
    );
  const asked: readonly Tower[] = SIDES[sides ?? "both"];
  const chain = (tower: Tower) => (asked.includes(tower) ? debiaser[tower] : []);
  return { method: name, chains: { image: chain("image"), text: chain("text") } };
}

/** The map that is folded. Throws UsageError for a constant that cannot be exact. */
function mapOf(
  method: string,
  erasers: readonly Eraser[],
  { linear, fittedOn }: FoldOptions,
): AffineMap {
  const map = toAffineEach(erasers, erasers[0]!.d);
  if (linear) return { ...map, bias: map.bias.map(() => 0) };
  if (fittedOn === "unit" && map.bias.some((value) => value !== 0))
    throw new UsageError(
      `${method} adds a constant to unit embeddings, which no projection can hold, for it gives them raw; leave it out (--linear; it moves all rows alike, so class means stay as close as with it), or fit it on raw embeddings and say --fitted-on raw`,
    );
  return map;
}

const strengthOf = ({ k, share, alpha }: Eraser): string =>
  `${k} of ${share.length} directions at alpha ${alpha}`;

/** Writes the folded checkpoint and says what was done. */
export async function foldModel(options: FoldOptions): Promise<void> {
  const { model: name, out } = options;
  const file = options.erasers ?? (isRun(name) ? runFolder(name).variants : null);
  if (file === null)
    throw new UsageError(`${name} is no run with erasers of its own; name a file with --erasers`);
  if (options.erasers === undefined && !existsSync(file))
    throw new UsageError(
      `${name}: no erasers: training is not complete; go on with equiclip train --resume`,
    );
  const { method, chains } = await readFitted(file, options);
  const folds = SIDES.both.flatMap((tower) => {
    const erasers = chains[tower];
    return erasers.length === 0 ? [] : { tower, erasers, map: mapOf(method, erasers, options) };
  });
  if (folds.length === 0)
    throw new UsageError(`${file}: ${method} changes no ${options.sides} embeddings; see --sides`);
  const model = await namedModel(name, terminalProgress());
  const weights = folds.reduce((all, { tower, map }) => foldMap(all, tower, map), model.weights);
  await saveClip(out, { ...model, weights });
  const lines = folds.map(({ tower, erasers, map }) => {
    const kind = map.bias.every((value) => value === 0) ? "linear" : "with its constant";
    return `${method}: ${erasers.map(strengthOf).join(", then ")}, ${kind}, folded into ${tower} embeddings`;
  });
  process.stdout.write(`${lines.join("\n")}\nmodel: ${out}\n`);
}
