/** @file The texts that prompt methods are fitted on, by the model's own text tower. */
import type { Prompts } from "../../debias/debiaser.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ClipModel } from "../../model/folder.ts";
import type { Config } from "../../run/config/schema.ts";
import type { Classifier } from "../classifier.ts";
import { encodeTexts } from "../encoder.ts";
import { createTowers } from "../network.ts";
import { tokenizerOf } from "../prompts.ts";
import { classTexts } from "../texts.ts";

/** Unit embeddings of texts [N, D], in their order. */
export type EncodeTexts = (texts: readonly string[]) => Promise<Float32Array>;

/** Texts that are encoded at once, so that memory does not grow with their number. */
const BATCH = 128;

export const textEncoder =
  (engine: Engine, model: ClipModel): EncodeTexts =>
  async (texts) => {
    const [towers, tokenize] = [createTowers(model.config, model.weights), tokenizerOf(model)];
    const parts: Float32Array[] = [];
    for (let from = 0; from < texts.length; from += BATCH) {
      const batch = texts.slice(from, from + BATCH).map((text) => [text]);
      parts.push(await encodeTexts(engine, towers, classTexts(model.config, tokenize, batch)));
    }
    const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };

type Templates = Config["debias"]["prompts"];

/**
 * Of one attribute: every `value` template with every label, every `candidate` template with every label and class.
 * @param values labels of the attribute, in the order of their codes
 * @param classifier of the class texts [C, D]
 */
export async function conceptPrompts(
  encode: EncodeTexts,
  { value, candidate }: Templates,
  values: readonly string[],
  classes: readonly string[],
  classifier: Classifier,
): Promise<Prompts> {
  const fill = (template: string, label: string, name = ""): string =>
    template.replaceAll("{value}", label).replaceAll("{class}", name);
  const spurious = [value]
    .flat()
    .flatMap((template) => values.map((label, code) => ({ text: fill(template, label), code })));
  const candidates = [candidate]
    .flat()
    .flatMap((template) =>
      classes.flatMap((name, target) =>
        values.map((label, code) => ({ text: fill(template, label, name), target, code })),
      ),
    );
  const texts = [...spurious, ...candidates].map(({ text }) => text);
  const x = await encode(texts);
  const d = classifier.width;
  const split = spurious.length * d;
  return {
    spurious: {
      x: x.slice(0, split),
      n: spurious.length,
      d,
      labels: Int32Array.from(spurious, ({ code }) => code),
    },
    candidates: {
      x: x.slice(split),
      n: candidates.length,
      d,
      target: Int32Array.from(candidates, ({ target }) => target),
      labels: Int32Array.from(candidates, ({ code }) => code),
    },
    classes: { x: classifier.weight, n: classifier.classes, d },
    source: "texts",
  };
}
