/** @file Methods that change embeddings, with the classifier that reads what they leave. */
import type { Sides } from "../../debias/debiaser.ts";
import {
  type DebiasData,
  type Debiaser,
  debiasClassTexts,
  debiasImages,
} from "../../debias/debiaser.ts";
import { candidates, type MethodName, methods } from "../../debias/methods.ts";
import { columnOf } from "../../train/columns.ts";
import { truthOf } from "../../train/predict.ts";
import { fitHead, outputOf, promptClassifier } from "../head.ts";
import {
  type Candidate,
  type FitContext,
  NotApplicable,
  type Part,
  type Recipe,
} from "../recipe.ts";

/** What reads the embeddings: a logistic head fitted on them, or the class prompt that is nearest. */
export type Reader = "head" | "prompts";

export interface EmbeddingOptions {
  /** Whether rows are scaled back to unit length. */
  readonly renormalise: boolean;
  readonly sides?: Sides | undefined;
  /** By default the prompts for methods that are made of prompts, else a head. */
  readonly classifier?: Reader | undefined;
  readonly alpha?: readonly number[] | undefined;
  readonly k?: readonly number[] | undefined;
}

/** A method at every strength; a head is fitted anew on what each leaves of the train rows. */
export function embeddingRecipe(name: MethodName, options: EmbeddingOptions): Recipe {
  const { summary, caveat, needs } = methods[name];
  const { sides, renormalise, alpha, k } = options;
  const ofPrompts = (needs as readonly string[]).includes("prompts");
  const reader = READERS[options.classifier ?? (ofPrompts ? "prompts" : "head")];
  const grid = (alpha ?? k) && { alphas: alpha ?? reader.alphas, ks: k ?? [] };
  return {
    summary,
    caveat,
    groupAtInference: false,
    baseline: reader.baseline,
    fit: async (context) =>
      candidates(name, debiasDataOf(context), { renormalise, ...(sides && { sides }) }, grid)
        .filter(({ setting }) => grid !== undefined || isTried(reader.alphas, setting["alpha"]))
        .map(({ setting, debiaser }) => {
          const embed = (part: Part) => erased(debiaser, part);
          const changes = debiaser.image.length > 0;
          const classifier = reader.fit(context, debiaser, embed);
          return {
            setting,
            predict: (part) => outputOf(classifier, embed(part)),
            embed: changes ? embed : null,
          } satisfies Candidate;
        }),
  };
}

const isTried = (alphas: readonly number[], alpha: number | undefined): boolean =>
  alpha === undefined || alphas.includes(alpha);

/** What reads the embeddings, and the strengths that are worth trying with it. */
const READERS = {
  head: {
    baseline: "base",
    // what is made smaller a head that is fitted anew makes large again
    alphas: [1],
    fit: ({ task, train, C, base }: FitContext, _: Debiaser, embed: (part: Part) => Float32Array) =>
      fitHead(task, train, embed(train), C, base.start).classifier,
  },
  prompts: {
    baseline: "prototype",
    alphas: [0.25, 0.5, 0.75, 1],
    fit: ({ prompts, train }: FitContext, debiaser: Debiaser) =>
      promptClassifier(
        Float32Array.from(debiasClassTexts(debiaser, prompts[0]!.classes).x),
        train.d,
      ),
  },
} as const;

function erased(debiaser: Debiaser, { x, rows, d }: Part): Float32Array {
  if (debiaser.image.length === 0) return x;
  const out = debiasImages(debiaser, { x, n: rows.length, d }).x;
  return out instanceof Float32Array ? out : Float32Array.from(out);
}

function debiasDataOf({ task, train, prompts }: FitContext): DebiasData {
  const { rows, x, d } = train;
  return {
    images: { x, n: rows.length, d },
    concepts: task.concepts.map((name) => {
      const { values, codes } = columnOf(rows, name);
      if (values.length < 2)
        throw new NotApplicable(
          `every train row has ${name}=${values[0]}, so there is nothing to remove`,
        );
      return codes;
    }),
    target: truthOf(task, rows),
    prompts,
  };
}
