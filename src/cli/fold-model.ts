/** @file Folds an eraser of a file into a checkpoint. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fromJSON } from "../debias/eraser-json.ts";
import { type Eraser, toAffine } from "../debias/eraser.ts";
import type { Tower } from "../model/clip/config.ts";
import { type AffineMap, foldMap } from "../model/clip/fold.ts";
import { saveClip } from "../model/folder.ts";
import { UsageError, messageOf } from "../run/errors.ts";
import { runFolder } from "../run/folder.ts";
import { terminalProgress } from "../run/progress.ts";
import { isVariants, variantsFromJSON } from "../train/variants/json.ts";
import { isRun, namedModel } from "./session.ts";

const SIDES = {
  image: ["image"],
  text: ["text"],
  both: ["image", "text"],
} as const satisfies Record<string, readonly Tower[]>;

export interface FoldOptions {
  readonly model: string;
  readonly method: string | undefined;
  readonly erasers: string | undefined;
  readonly sides: keyof typeof SIDES;
  /** Whether the constant is left out. */
  readonly linear: boolean;
  readonly fittedOn: "unit" | "raw";
  readonly out: string;
}

/** Of a file of erasers, or of a run's variants: the methods that are one eraser. */
function erasersIn(json: unknown): Eraser[] {
  if (!isVariants(json)) return [json].flat().map((eraser) => fromJSON(eraser));
  return [...variantsFromJSON(json).values()].flatMap((variant) => {
    if (variant.kind !== "embedding") return [];
    const { image, text, classText } = variant.debiaser;
    const chain = image.length > 0 ? image : text;
    return chain.length === 1 && classText === null ? chain : [];
  });
}

/** Throws UsageError when the file holds no such eraser. */
async function readEraser(path: string, method: string | undefined): Promise<Eraser> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new UsageError(`${path}: expected a file of erasers: ${messageOf(cause)}`, { cause });
  }
  const erasers = erasersIn(json);
  const found = erasers.filter((eraser) => method === undefined || eraser.method === method);
  if (found.length === 1) return found[0]!;
  const there = erasers.map((eraser) => eraser.method).join(", ") || "none";
  throw new UsageError(
    `${path}: expected ${method === undefined ? "one eraser" : `an eraser of method ${method}`}, received ${there}; choose one with --method`,
  );
}

/** The map that is folded. Throws UsageError for a constant that cannot be exact. */
function mapOf(eraser: Eraser, { linear, fittedOn }: FoldOptions): AffineMap {
  const map = toAffine(eraser);
  if (linear) return { ...map, bias: map.bias.map(() => 0) };
  if (fittedOn === "unit" && map.bias.some((value) => value !== 0))
    throw new UsageError(
      `${eraser.method} adds a constant to unit embeddings, which no projection can hold, for it gives them raw; fold the linear part (--linear: class means still coincide), or fit it on raw embeddings and say --fitted-on raw`,
    );
  return map;
}

/** Writes the folded checkpoint and says what was done. */
export async function foldModel(options: FoldOptions): Promise<void> {
  const { model: name, method, sides, out } = options;
  const file = options.erasers ?? (isRun(name) ? runFolder(name).variants : null);
  if (file === null)
    throw new UsageError(`${name} is no run with erasers of its own; name a file with --erasers`);
  if (options.erasers === undefined && !existsSync(file))
    throw new UsageError(
      `${name}: no erasers: training is not complete; go on with equiclip train --resume`,
    );
  const eraser = await readEraser(file, method);
  const map = mapOf(eraser, options);
  const model = await namedModel(name, terminalProgress());
  const weights = SIDES[sides].reduce(
    (folded, tower) => foldMap(folded, tower, map),
    model.weights,
  );
  await saveClip(out, { ...model, weights });
  const kind = map.bias.every((value) => value === 0) ? "linear" : "with its constant";
  process.stdout.write(
    `${eraser.method}: ${eraser.k} of ${eraser.share.length} directions at alpha ${eraser.alpha}, ${kind}, folded into ${SIDES[sides].join(" and ")} embeddings\nmodel: ${out}\n`,
  );
}
