/** @file The prompts of every task, from the templates of a config and a model's embeddings of texts. */
import type { Prompts } from "../debias/debiaser.ts";
import type { Row } from "../data/row.ts";
import type { CompareConfig } from "../run/config/compare.ts";
import { UsageError } from "../run/errors.ts";
import { unitRows } from "../run/linalg/embeddings.ts";
import { conceptPrompts, type EncodeTexts } from "../train/variants/prompts.ts";
import { promptClassifier } from "./head.ts";
import { labelsOf, type TaskReport } from "./tasks.ts";

/**
 * Of each concept, by task.
 * @param encode embeddings of texts [texts, D], unit rows
 * @throws UsageError for a prompt of a class that no task has, and what `encode` throws
 */
export async function promptsOf(
  tasks: readonly TaskReport[],
  rows: readonly Row[],
  { classes: texts = {}, ...templates }: CompareConfig["prompts"],
  encode: EncodeTexts,
): Promise<Record<string, Prompts[]>> {
  const known = new Set(tasks.flatMap(({ classes }) => classes));
  const stray = Object.keys(texts).find((label) => !known.has(label));
  if (stray !== undefined)
    throw new UsageError(
      `prompts.classes.${stray}: "${stray}" is not a class of a target; expected ${[...known].join(", ")}`,
    );
  const of = async ({ id, classes, concepts }: TaskReport): Promise<[string, Prompts[]]> => {
    const byClass = classes.map((label) => [texts[label] ?? `a photo of a ${label}.`].flat());
    const x = await encode(byClass.flat());
    const classifier = promptClassifier(unitMeans(x, byClass), x.length / byClass.flat().length);
    const prompts: Prompts[] = [];
    for (const concept of concepts)
      prompts.push(
        await conceptPrompts(encode, templates, labelsOf(rows, concept), classes, classifier),
      );
    return [id, prompts];
  };
  return Object.fromEntries(await Promise.all(tasks.map(of)));
}

/** The unit mean of each class's texts, whose embeddings follow one another: [C, D]. */
function unitMeans(x: Float32Array, byClass: readonly (readonly string[])[]): Float32Array {
  const d = x.length / byClass.flat().length;
  const out = new Float32Array(byClass.length * d);
  let text = 0;
  byClass.forEach(({ length }, c) => {
    for (let i = 0; i < length; i++, text++)
      for (let j = 0; j < d; j++) out[c * d + j]! += x[text * d + j]! / length;
  });
  return unitRows({ x: out, n: byClass.length, d }).x;
}

/** Texts that are there already, unit rows. @throws UsageError naming the first that is not */
export const lookUp =
  (source: string, embeddings: ReadonlyMap<string, Float32Array>): EncodeTexts =>
  async (texts) => {
    const found = texts.map((text) => {
      const row = embeddings.get(text);
      if (row) return row;
      throw new UsageError(
        `${source}: no embedding of the text "${text}"; embed it as well, or change the section prompts`,
      );
    });
    return Float32Array.from(found.flatMap((row) => [...row]));
  };
