/** @file The debiased variants of a run: made, kept in its folder, read back, told of. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { interpolateWeights } from "../debias/wise.ts";
import type { Engine } from "../engine/engine.ts";
import { type Model, saveModel } from "../model/model.ts";
import type { Config } from "../run/config/schema.ts";
import { replaceDirectory, writeFileAtomic } from "../run/files.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Classifier } from "../train/classifier.ts";
import type { Task } from "../train/predict.ts";
import { openTrained } from "../train/families.ts";
import type { Choices } from "../train/variants/choose.ts";
import { variantsFromJSON, variantsToJSON } from "../train/variants/json.ts";
import type { Original, Variant } from "../train/variants/variant.ts";

/** The trained model, and the way back to the one that training started from. */
export interface WithModels extends Original {
  /** The model with weights that far from those before training. */
  readonly mixed: (alpha: number) => Promise<Model>;
}

export function originalOf(
  engine: Engine,
  config: Config,
  task: Task,
  model: Model,
  classifier: Classifier,
  start: () => Promise<Model>,
): WithModels {
  let initial: Promise<Model> | null = null; // read when it is first needed: most runs never do
  const mixed = async (alpha: number): Promise<Model> => {
    initial ??= start();
    const { weights } = await initial;
    return { ...model, weights: interpolateWeights(weights, model.weights, alpha) };
  };
  return {
    task,
    classifier,
    mixed,
    between: async (alpha) => openTrained(engine, config, task, await mixed(alpha), null, null),
  };
}

/** Writes the chosen variants, and beside them the weights of one that has its own. */
export async function keepVariants(
  folder: RunFolder,
  variants: ReadonlyMap<string, Variant>,
  { mixed }: WithModels,
): Promise<void> {
  for (const variant of variants.values())
    if (variant.kind === "wise")
      await replaceDirectory(folder.wise, async (next) =>
        saveModel(next, await mixed(variant.alpha)),
      );
  await writeFileAtomic(folder.variants, `${JSON.stringify(variantsToJSON(variants))}\n`);
}

/** The variants as they were fitted and chosen; none when the run has not come so far. */
export async function readVariants(folder: RunFolder): Promise<Map<string, Variant>> {
  if (!existsSync(folder.variants)) return new Map();
  return variantsFromJSON(JSON.parse(await readFile(folder.variants, "utf8")));
}

/** What a reader must know of how variants were chosen. */
export const choiceNotes = ({ infeasible, failed }: Choices): string[] => [
  ...(infeasible.length > 0
    ? [
        `No setting of ${infeasible.join(", ")} kept both the constraints and the accuracy on validation; the one that came nearest is shown.`,
      ]
    : []),
  ...failures(failed),
];

/** One line for each method that is not in the tables. */
export const failures = (failed: ReadonlyMap<string, string>): string[] =>
  [...failed].map(([method, reason]) => `${method} is left out: ${reason}`);
