/** @file From a config's prompts to the class texts of a model. */
import type { ClipModel } from "../model/folder.ts";
import type { Config } from "../run/config/schema.ts";
import { UsageError } from "../run/errors.ts";
import type { Task } from "./predict.ts";
import { type ClassTexts, type Tokenize, classTexts } from "./texts.ts";

/** Cuts texts into the ids of a model's tokenizer, at most as many as its text tower has positions. */
export const tokenizerOf =
  ({ tokenizer, config }: ClipModel): Tokenize =>
  (texts) =>
    texts.map((text) => tokenizer.encode(text, config.text.maxPositionEmbeddings));

/**
 * The texts that the classes of a task are known by; a class without a prompt is `a photo of a {class}.`
 * Throws UsageError for a prompt of another class.
 */
export function promptTexts(
  model: ClipModel,
  prompts: Config["prompts"],
  { target, classes }: Task,
): ClassTexts {
  const stray = Object.keys(prompts ?? {}).find((label) => !classes.includes(label));
  if (stray !== undefined)
    throw new UsageError(
      `prompts.${stray}: "${stray}" is not a class of ${target}; expected ${classes.join(", ")}`,
    );
  const byClass = classes.map((label) => [prompts?.[label] ?? `a photo of a ${label}.`].flat());
  return classTexts(model.config, tokenizerOf(model), byClass);
}
