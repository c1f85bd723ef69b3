/** @file The config section about debiasing: which methods a trained model is shown with, and what they try. */
import { z } from "zod";
import { count, fraction, name } from "./scalars.ts";

/** Methods that change embeddings. */
export const EMBEDDING_METHODS = [
  "pca-class",
  "pca-pair",
  "mean-difference",
  "leace",
  "prompt-orth",
  "prompt-calibrated",
  "inlp",
  "mi-drop",
  "roboshot",
  "bendvlm",
] as const;

/** Those that find one concept in labelled rows. */
export const LABEL_METHODS = [
  "leace",
  "mean-difference",
  "pca-class",
  "pca-pair",
  "inlp",
  "mi-drop",
] as const;

/** Methods that leave embeddings as they are. */
export const OTHER_METHODS = ["thresholds", "wise", "dfr"] as const;

/** A text or several, each with every one of `names` in braces. */
const template = (...names: readonly string[]) => {
  const text = name.refine(
    (value) =>
      names.every((each) => value.includes(`{${each}}`)) &&
      [...value.matchAll(/\{([^{}]*)\}/g)].every(([, each]) => names.includes(each!)),
    { error: `expected a text with ${names.map((each) => `{${each}}`).join(" and ")}` },
  );
  return z.union([text, z.array(text).min(1)]);
};

/** What prompt methods are fitted on. */
export const conceptTexts = {
  value: template("value")
    .default("a photo of a {value} person.")
    .describe("one or more texts that name a label of the attribute and nothing else"),
  candidate: template("value", "class")
    .default("a photo of a {value} {class}.")
    .describe("one or more texts that name a label of the attribute and a class of the target"),
};

export const debias = z.strictObject({
  methods: z
    .array(z.enum([...EMBEDDING_METHODS, ...OTHER_METHODS]))
    .default(["leace", "mean-difference", "pca-class", "pca-pair"])
    .describe(
      "what the trained model is shown with, side by side: methods that change embeddings; thresholds of each group " +
        "(told the group at inference); wise, weights on the way from those before training; dfr, a head refitted on " +
        "balanced rows. Prompt methods, roboshot, bendvlm and wise need class texts, which a probe does not have",
    ),
  attribute: z
    .union([name, z.array(name).min(1)])
    .optional()
    .describe(
      "attribute removed from the embeddings, or several, together; default: the first sensitive one",
    ),
  sides: z
    .enum(["image", "text", "both"])
    .optional()
    .describe(
      "embeddings that methods change; default: each method's own. A probe has images alone",
    ),
  renormalise: z.boolean().default(true).describe("scale changed embeddings back to unit length"),
  alpha: z
    .array(z.number().min(0).max(2))
    .min(1)
    .optional()
    .describe(
      "shares of the projection that are tried on validation: 0 nothing, 1 all, 2 reflection; default: 0.25, 0.5, 0.75, 1",
    ),
  maxAccuracyDrop: fraction
    .default(0.02)
    .describe("accuracy on validation that may be given up: one more constraint on what is chosen"),
  components: z
    .array(count)
    .min(1)
    .optional()
    .describe(
      "numbers of directions tried on validation, beside the fit's own; default: 1, 2, 3, 5, 10 as far as there are so many",
    ),
  prompts: z
    .strictObject(conceptTexts)
    .prefault({})
    .describe(
      "what prompt methods are fitted on; the texts of the classes are the section prompts",
    ),
});
