/** @file Heads that are trained to be fair: penalties, robust training and sampling, each with its settings to try. */
import type { Engine } from "../../engine/engine.ts";
import { argmaxRows } from "../../train/classifier.ts";
import { probabilities } from "../../train/classifier.ts";
import { type HeadSettings, trainHead } from "../../train/head/train.ts";
import type { TrainedMethod } from "../../run/config/compare.ts";
import type { Candidate, CompareTask, FitContext, Recipe } from "../recipe.ts";

/** A setting, and what it means for the head's training. */
interface Tried {
  readonly setting: Candidate["setting"];
  readonly head: Partial<HeadSettings>;
}
interface Method {
  readonly summary: string;
  readonly caveat: string | null;
  readonly tried: readonly Tried[];
}

type Setting<Lists> = {
  readonly [K in keyof Lists]: Lists[K] extends readonly (infer V)[] ? V : never;
};
/** Every combination of one value of each list. */
function each<const Lists extends Readonly<Record<string, readonly (number | string)[]>>>(
  lists: Lists,
  head: (setting: Setting<Lists>) => Partial<HeadSettings>,
): Tried[] {
  const all = Object.entries(lists).reduce<Record<string, number | string>[]>(
    (made, [name, values]) =>
      made.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
  return all.map((setting) => ({ setting, head: head(setting as Setting<Lists>) }));
}

const LINEAR: Omit<HeadSettings, "seed"> = {
  hidden: null,
  epochs: 20,
  batchSize: 1024,
  lr: 0.02,
  weightDecay: 1e-4,
  sampling: "shuffle",
  reweight: "none",
  fairness: [],
  robust: { method: "none" },
};
/** HSIC takes time and memory quadratic in the batch. */
const SMALL_BATCHES: Partial<HeadSettings> = { batchSize: 256, epochs: 10, lr: 0.01 };
/** One hidden layer overfits a few thousand rows in more steps than these. */
const HIDDEN: Partial<HeadSettings> = { hidden: 64, epochs: 15, batchSize: 512, lr: 0.003 };

type Penalty = HeadSettings["fairness"][number];
type Rates = Extract<Penalty, { aggregate: unknown }>;

const LINEARLY = { head: {}, weights: [0.3, 0.5, 1, 3] };
const onRates = (
  penalty: Rates["penalty"],
  aggregate: Rates["aggregate"],
  { head, weights }: { head: Partial<HeadSettings>; weights: readonly number[] } = LINEARLY,
): Tried[] =>
  each({ weight: weights }, ({ weight }) => ({
    ...head,
    fairness: [{ penalty, aggregate, weight, temperature: 0.05 }],
  }));
const BATCHES = "rates are compared within batches, of 1,024 train rows (512 with hidden units)";

const methods: Readonly<Record<TrainedMethod, Method>> = {
  "erm-head": {
    summary: "a linear head trained by gradient descent, for comparison with those below",
    caveat: null,
    tried: [{ setting: {}, head: {} }],
  },
  "mlp-head": {
    summary: "a head with 64 hidden units, for comparison",
    caveat: null,
    tried: [{ setting: {}, head: HIDDEN }],
  },
  "eo-penalty": {
    summary: "linear head, penalty on the largest difference of soft TPR and FPR between groups",
    caveat: BATCHES,
    tried: onRates("equalized-odds", "max"),
  },
  "eo-penalty-mean": {
    summary: "linear head, penalty on the mean difference of soft TPR and FPR between groups",
    caveat: BATCHES,
    tried: onRates("equalized-odds", "mean"),
  },
  "eo-penalty-lse": {
    summary: "linear head, penalty on the log-sum-exp of differences of soft TPR and FPR",
    caveat: BATCHES,
    tried: onRates("equalized-odds", "log-sum-exp"),
  },
  "mlp-eo-penalty": {
    summary: "head with 64 hidden units, penalty on the largest difference of soft TPR and FPR",
    caveat: BATCHES,
    tried: onRates("equalized-odds", "max", { ...LINEARLY, head: HIDDEN }),
  },
  "dp-penalty": {
    summary: "linear head, penalty on the largest difference of soft selection rates",
    caveat: "aims at equal selection rates, not at equalized odds",
    tried: onRates("demographic-parity", "max", { ...LINEARLY, weights: [0.1, 0.3, 1] }),
  },
  hsic: {
    summary: "linear head, penalty on the dependence of scores on groups within each class (HSIC)",
    caveat: null,
    tried: each({ weight: [3, 10, 30] }, ({ weight }) => ({
      ...SMALL_BATCHES,
      fairness: [{ penalty: "hsic", weight, of: "probabilities", bandwidth: 1, given: "target" }],
    })),
  },
  adversary: {
    summary: "linear head trained against an adversary that tells the group by scores and class",
    caveat: "adversarial training may not settle: look at the spread over seeds",
    tried: each({ weight: [1, 3, 10] }, ({ weight }) => ({
      fairness: [{ penalty: "adversary", weight, hidden: 32, given: "target" }],
    })),
  },
  "group-dro": {
    summary: "linear head for the groups of target and concepts that do worst",
    caveat: "aims at the worst group's loss, not at equal rates",
    tried: each({ stepSize: [0.01, 0.1] }, ({ stepSize }) => ({
      robust: { method: "group-dro", stepSize, adjustment: 0 },
    })),
  },
  jtt: {
    summary: "linear head trained twice: rows that the first got wrong count for more",
    caveat: "knows no group: it helps where groups are what the first training gets wrong",
    tried: each({ identification: [1, 5], upweight: [2, 6] }, (setting) => ({
      robust: { method: "jtt", ...setting },
    })),
  },
  "balanced-sampling": {
    summary: "linear head on rows drawn equally often of each target and concepts",
    caveat: null,
    tried: [{ setting: {}, head: { sampling: "group-balanced" } }],
  },
  reweight: {
    summary:
      "linear head with row weights: equal totals of cells, or target independent of the first concept",
    caveat: null,
    tried: each({ weights: ["cells", "reweighing"] }, ({ weights }) => ({ reweight: weights })),
  },
  "mlp-reweight": {
    summary: "head with 64 hidden units, row weights that give cells equal totals",
    caveat: null,
    tried: [{ setting: { weights: "cells" }, head: { ...HIDDEN, reweight: "cells" } }],
  },
};

/** Groups are those of the concepts: what a method is to make no difference of. */
const taskOf = (task: CompareTask): CompareTask => ({ ...task, attributes: task.concepts });

/** What a head needs to settle: of few rows an epoch has few steps. */
const FEWEST_STEPS = 200;

function settled(settings: HeadSettings, rows: number): HeadSettings {
  const { epochs, batchSize } = settings;
  const steps = Math.ceil(rows / batchSize); // of an epoch
  return { ...settings, epochs: Math.max(epochs, Math.ceil(FEWEST_STEPS / steps)) };
}

async function fitted(
  engine: Engine,
  { task, train, seed }: FitContext,
  { setting, head: own }: Tried,
): Promise<Candidate> {
  const settings = settled({ ...LINEAR, ...own, seed }, train.rows.length);
  const head = await trainHead(engine, taskOf(task), train, settings);
  return {
    setting,
    predict: ({ x }) => {
      const scores = probabilities(head, x);
      return { scores, predicted: argmaxRows(scores, task.classes.length) };
    },
    embed: null,
  };
}

function recipeOf(engine: Engine, { summary, caveat, tried }: Method): Recipe {
  return {
    summary,
    caveat,
    groupAtInference: false,
    fit: async (context) => {
      const candidates: Candidate[] = [];
      for (const one of tried) candidates.push(await fitted(engine, context, one));
      return candidates;
    },
  };
}

/** Recipes by name; heads are trained on `engine`. */
export const trainingRecipes = (engine: Engine): Readonly<Record<TrainedMethod, Recipe>> =>
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, recipeOf(engine, method)]),
  ) as Record<TrainedMethod, Recipe>;
