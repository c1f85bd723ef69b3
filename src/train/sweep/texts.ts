/** @file The texts that a sweep is fitted on: each template with the word of each class. */
import { matchedDifferences } from "../../debias/prompts/differences.ts";
import type { SubspaceRows } from "../../debias/sweep/subspace.ts";
import type { Config } from "../../run/config/schema.ts";

export interface TemplateTexts {
  readonly texts: readonly string[];
  /** Class of each. [N] */
  readonly labels: Int32Array;
  /** Template of each: two texts of one template differ in the class alone. [N] */
  readonly template: Int32Array;
}

export function templateTexts(
  { templates, words }: Pick<Config["sweep"], "templates" | "words">,
  classes: readonly string[],
): TemplateTexts {
  const texts = templates.flatMap((template) =>
    classes.map((label) => template.replaceAll("{value}", () => words[label] ?? label)),
  );
  const labels = Int32Array.from(texts, (_, i) => i % classes.length);
  const template = Int32Array.from(texts, (_, i) => Math.floor(i / classes.length));
  return { texts, labels, template };
}

/** As rows to fit on. @param x their unit embeddings [N, D]. */
export function textRows(x: Float32Array, { labels, template }: TemplateTexts): SubspaceRows {
  const rows = { x, n: labels.length, d: x.length / labels.length };
  return { ...rows, labels, differences: matchedDifferences(rows, labels, template) };
}
