/** @file One variant of each method, fitted on train rows and chosen on validation rows. */
import type { EvaluateOptions } from "../../eval/evaluate.ts";
import { violationOf } from "../../eval/select.ts";
import type { Config } from "../../run/config/schema.ts";
import { EquiclipError } from "../../run/errors.ts";
import { takeRows } from "../../run/linalg/embeddings.ts";
import { random } from "../../run/random.ts";
import { type EpochCriteria, judgedBy } from "../epoch-choice.ts";
import { OBJECTIVES, best, judge, keepsAccuracy } from "../judge.ts";
import type { ScoredPredictions } from "../predict.ts";
import type { Embedded } from "../trained.ts";
import { removedAttributes, variantConstraints } from "./attributes.ts";
import { type VariantInputs, variantMethods } from "./methods.ts";
import { type Variant, answerOf, predictOriginal } from "./variant.ts";

type Name = Config["debias"]["methods"][number];

/** What variants are fitted and chosen by. Test rows are not needed, nor given. */
export interface ChoiceInputs extends Omit<VariantInputs, "unseen" | "attributes"> {
  readonly validation: Embedded;
  readonly criteria: EpochCriteria;
  readonly evaluate: EvaluateOptions;
}

/** What is shown of each method. */
export interface Choices {
  readonly chosen: ReadonlyMap<Name, Variant>;
  /** Methods none of whose variants kept both the constraints and the accuracy; the one that came nearest is chosen. */
  readonly infeasible: readonly Name[];
  /** Methods that could not be fitted, and why. */
  readonly failed: ReadonlyMap<Name, string>;
}

/** Fits every configured method and chooses one variant of it. */
export async function chooseVariants(inputs: ChoiceInputs): Promise<Choices> {
  const { debias } = inputs.config;
  const attributes = removedAttributes(debias, inputs.original.task);
  const chosen = new Map<Name, Variant>();
  const infeasible: Name[] = [];
  const failed = new Map<Name, string>();
  for (const name of attributes.length > 0 ? new Set(debias.methods) : []) {
    try {
      const { variant, feasible } = await chooseVariant(name, attributes, inputs);
      chosen.set(name, variant);
      if (!feasible) infeasible.push(name);
    } catch (error) {
      // the model is trained: one method that does not suit the data must not cost the report
      if (!(error instanceof EquiclipError)) throw error;
      failed.set(name, error.message);
    }
  }
  return { chosen, infeasible, failed };
}

async function chooseVariant(name: Name, attributes: readonly string[], inputs: ChoiceInputs) {
  const { original, validation, evaluate, config } = inputs;
  const criteria = judgedBy(inputs.criteria);
  const { holdsOut, variants } = variantMethods[name];
  const [unseen, judging] = holdsOut ? halves(validation, config.seed) : [validation, validation];
  const constraints = variantConstraints(criteria.constraints, attributes, original.task);
  const judged = (predictions: ScoredPredictions) =>
    judge(predictions, { ...criteria, constraints }, evaluate);
  const floor =
    (judged(predictOriginal(original, judging)).accuracy ?? 0) - config.debias.maxAccuracyDrop;
  const tried = await variants({ ...inputs, unseen, attributes });
  const trials = [];
  for (const variant of tried) {
    const { predictions } = await answerOf(variant, original, judging);
    const { objective, checks, accuracy } = judged(predictions);
    trials.push({ objective, checks: [...checks, keepsAccuracy(accuracy, floor)] });
  }
  const chosen = best(trials, OBJECTIVES[criteria.objective].better);
  return { variant: tried[chosen]!, feasible: violationOf(trials[chosen]!.checks) === 0 };
}

/** Two halves at random, whole clusters on one side; a row's half depends on no other row. */
function halves(part: Embedded, seed: number): [Embedded, Embedded] {
  const first = part.rows.map(
    ({ id, cluster }) => random(seed, "half", cluster ?? id).uniform() < 0.5,
  );
  const half = (wanted: boolean): Embedded => {
    const kept = [...first.keys()].filter((row) => first[row] === wanted);
    const d = part.embeddings.length / part.rows.length;
    return {
      rows: kept.map((row) => part.rows[row]!),
      embeddings: takeRows(part.embeddings, d, kept),
      pixels: (rows) => part.pixels(rows.map((row) => kept[row]!)),
    };
  };
  return [half(true), half(false)];
}
