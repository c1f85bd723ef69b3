/** @file Thresholds of each group on the scores of the undebiased head. */
import { thresholdCandidates } from "../../debias/thresholds/candidates.ts";
import { decide } from "../../debias/thresholds/thresholds.ts";
import { takeRows } from "../../run/linalg/embeddings.ts";
import { random } from "../../run/random.ts";
import { columnsOf, intersectionOf } from "../../train/columns.ts";
import { truthOf } from "../../train/predict.ts";
import { fitHead, outputOf } from "../head.ts";
import {
  type Candidate,
  type CompareTask,
  type FitContext,
  NotApplicable,
  type Recipe,
} from "../recipe.ts";

/**
 * Fitted on train rows, each scored by a head that saw neither it nor its cluster: a head's scores of its own train
 * rows are too good, and validation, which is smaller, stays for choosing.
 */
export const thresholds: Recipe = {
  summary: "thresholds of each group, their rates within a limit of each other (Hardt et al. 2016)",
  caveat:
    "must be told a person's group to decide about them; the randomised form tosses a coin for some",
  groupAtInference: true,
  fit: async (context) => {
    const { task, train, base, seed } = context;
    const [positive, negative] = classesOf(task);
    const concepts = task.concepts.filter((name) => name !== task.target);
    if (concepts.length === 0)
      throw new NotApplicable(`${task.target} is what is removed: its groups have one class each`);
    const scored = {
      scores: heldOutScores(context, positive),
      truth: truthOf(task, train.rows).map((c) => Number(c === positive)),
    };
    return thresholdCandidates(scored, columnsOf(train.rows, concepts)).map(
      ({ attributes, setting, thresholds: fitted }): Candidate => ({
        setting,
        predict: (part) => {
          const { scores } = base.predict(part);
          const decided = decide(
            fitted,
            part.rows.map((_, i) => scores[i * task.classes.length + positive]!),
            intersectionOf(part.rows, attributes),
            { seed, ids: part.rows.map(({ id }) => id) },
          );
          // the scores stay: thresholds decide otherwise, they do not know better
          return {
            scores,
            predicted: Int32Array.from(decided, (yes) => (yes ? positive : negative)),
          };
        },
        embed: null,
      }),
    );
  },
};

/** Index of the positive and of the other class. */
function classesOf({ target, classes, positive }: CompareTask): [number, number] {
  if (positive === null)
    throw new NotApplicable(
      `${target} has ${classes.length} classes: there is no one score to put thresholds on`,
    );
  const at = classes.indexOf(positive);
  return [at, 1 - at];
}

/** Parts of train, each scored by a head fitted on the others. */
const FOLDS = 5;

/** Scores of the positive class for train rows [N]. */
function heldOutScores({ task, train, C, base, seed }: FitContext, positive: number): Float64Array {
  const { rows, x, d } = train;
  const fold = rows.map(({ id, cluster }) => random(seed, "fold", cluster ?? id).int(FOLDS));
  const out = new Float64Array(rows.length);
  for (let f = 0; f < FOLDS; f++) {
    const seen = [...rows.keys()].filter((i) => fold[i] !== f);
    const held = [...rows.keys()].filter((i) => fold[i] === f);
    const part = { rows: seen.map((i) => rows[i]!), x: takeRows(x, d, seen), d };
    const { classifier } = fitHead(task, part, part.x, C, base.start);
    const { scores } = outputOf(classifier, takeRows(x, d, held));
    held.forEach((i, h) => {
      out[i] = scores[h * task.classes.length + positive]!;
    });
  }
  return out;
}
