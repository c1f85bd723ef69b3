/** @file Every method that a trained model can be shown with, and the variants that each one tries. */
import type { DebiasData, Prompts } from "../../debias/debiaser.ts";
import { type MethodName, candidates, methods } from "../../debias/methods.ts";
import { matchedPairs } from "../../debias/erasers/pairs.ts";
import { thresholdCandidates } from "../../debias/thresholds/candidates.ts";
import type { Config } from "../../run/config/schema.ts";
import { columnOf, columnsOf, intersectionOf } from "../columns.ts";
import { fitDfr } from "../dfr.ts";
import { singleAttributes, truthOf } from "../predict.ts";
import type { Embedded } from "../trained.ts";
import { type EncodeTexts, conceptPrompts } from "./prompts.ts";
import { type Original, type Variant, positiveOf, predictOriginal } from "./variant.ts";

/** What variants are fitted on. */
export interface VariantInputs {
  readonly original: Original;
  /** Its rows all have the attributes. */
  readonly train: Embedded;
  /** Rows that neither training nor the choice of a variant has seen; only thresholds are fitted on them. */
  readonly unseen: Embedded;
  /** Attributes to be removed. */
  readonly attributes: readonly string[];
  readonly config: Pick<Config, "debias" | "seed">;
  /** The model's text tower; null for a probe, which has none. */
  readonly encodeTexts: EncodeTexts | null;
}

export interface VariantMethod {
  /** What a reader of the report must know before trusting it. */
  readonly caveat: string | null;
  /** Whether a person's group must be known to classify them. */
  readonly groupAtInference: boolean;
  /** What of the model it cannot do without. */
  readonly needs: "texts" | "a binary target" | null;
  /** Whether it is fitted on validation rows; its variants are then judged on those that are left. */
  readonly holdsOut: boolean;
  readonly variants: (inputs: VariantInputs) => Promise<readonly Variant[]>;
}

const plain = { caveat: null, groupAtInference: false, needs: null, holdsOut: false } as const;

/** A method of `src/debias/methods.ts`. */
function embeddingMethod(name: MethodName): VariantMethod {
  const { caveat, needs } = methods[name];
  const ofPrompts = (needs as readonly string[]).includes("prompts");
  return {
    ...plain,
    caveat,
    needs: ofPrompts ? "texts" : null,
    async variants(inputs) {
      const { sides, renormalise, alpha, components } = inputs.config.debias;
      const on = inputs.encodeTexts === null ? "image" : sides;
      const grid = (alpha ?? components) && { alphas: alpha ?? ALPHAS, ks: components ?? [] };
      const prompts = ofPrompts ? await promptsOf(inputs) : [];
      return candidates(
        name,
        { ...debiasData(inputs), prompts },
        { renormalise, ...(on && { sides: on }) },
        grid,
      ).map(({ setting, debiaser }) => ({ kind: "embedding", setting, debiaser }));
    },
  };
}
const ALPHAS = [0.25, 0.5, 0.75, 1];

async function promptsOf(inputs: VariantInputs): Promise<Prompts[]> {
  const { original, encodeTexts, attributes, train, config } = inputs;
  const { task, classifier } = original;
  const prompts: Prompts[] = [];
  for (const name of encodeTexts ? attributes : [])
    prompts.push(
      await conceptPrompts(
        encodeTexts!,
        config.debias.prompts,
        columnOf(train.rows, name).values,
        task.classes,
        classifier,
      ),
    );
  return prompts;
}

/** Train rows with their concepts, and pairs of rows that differ in one but agree in all else that is measured. */
function debiasData({
  original: { task, classifier },
  train: { rows, embeddings },
  attributes,
  config: { seed },
}: VariantInputs): Omit<DebiasData, "prompts"> {
  const measured = singleAttributes([task.target, ...task.attributes]);
  const concepts = attributes.map((name) => columnOf(rows, name).codes);
  const pairs = attributes.map((name, i) => {
    const others = measured.filter((other) => other !== name);
    return matchedPairs(concepts[i]!, intersectionOf(rows, others).codes, seed);
  });
  return {
    images: { x: embeddings, n: rows.length, d: classifier.width },
    concepts,
    target: truthOf(task, rows),
    ...(pairs.every(({ length }) => length > 0) && { pairs }),
  };
}

const thresholds: VariantMethod = {
  caveat:
    "the randomised form tosses a coin for some people; fitted on half of the validation rows and chosen on the other",
  groupAtInference: true,
  needs: "a binary target",
  holdsOut: true,
  async variants({ original, unseen, attributes, config: { seed } }) {
    const { scores, truth, classes } = predictOriginal(original, unseen);
    const positive = positiveOf(original.task);
    const scored = {
      scores: Array.from(truth, (_, i) => scores[i * classes.length + positive]!),
      truth: truth.map((c) => Number(c === positive)),
    };
    return thresholdCandidates(scored, columnsOf(unseen.rows, attributes)).map((candidate) => ({
      kind: "thresholds",
      ...candidate,
      seed,
    }));
  },
};

const wise: VariantMethod = {
  ...plain,
  caveat:
    "between the weights before training and those kept: worth little where those before knew nothing",
  needs: "texts",
  variants: async () =>
    [0.25, 0.5, 0.75].map((alpha) => ({ kind: "wise", setting: { alpha }, alpha })),
};

const dfr: VariantMethod = {
  ...plain,
  caveat: "fitted on rows that the embeddings were trained on, where the paper holds some out",
  async variants({ original: { task, classifier }, train, attributes, config: { seed } }) {
    const { rows, embeddings } = train;
    const truth = truthOf(task, rows);
    const cells = intersectionOf(rows, [task.target, ...attributes]).codes;
    const labelled = { x: embeddings, n: rows.length, d: classifier.width, truth, cells };
    return [1, 10, 100].map((C) => ({
      kind: "head",
      setting: { C },
      classifier: fitDfr(labelled, { classes: task.classes.length, C, seed }),
    }));
  },
};

/** By the names of `debias.methods`. */
export const variantMethods: Readonly<Record<Config["debias"]["methods"][number], VariantMethod>> =
  {
    ...(Object.fromEntries(
      (Object.keys(methods) as MethodName[]).map((name) => [name, embeddingMethod(name)]),
    ) as Record<MethodName, VariantMethod>),
    thresholds,
    wise,
    dfr,
  };
