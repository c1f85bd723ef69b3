/** @file Which epoch of a training is kept: by what validation says of it or, to reproduce a study, by what it does not. */
import type { Constraint } from "../eval/select.ts";
import { type Criteria, OBJECTIVES, type ObjectiveName, type Validation, best } from "./judge.ts";
import type { EpochRecord } from "./loop-state.ts";

type Judged = Pick<
  EpochRecord<Pick<Validation, "objective" | "checks">>,
  "epoch" | "trainLoss" | "validation"
>;

/** Rules by which published runs stored their weights. */
const OF_TRAINING = {
  train_loss: { better: "lower", of: ({ trainLoss }) => trainLoss },
  last: { better: "higher", of: ({ epoch }) => epoch },
} as const satisfies Record<
  string,
  { readonly better: "lower" | "higher"; readonly of: (record: Judged) => number }
>;

export type EpochObjective = ObjectiveName | keyof typeof OF_TRAINING;

export interface EpochCriteria {
  readonly objective: EpochObjective;
  readonly constraints: readonly Constraint[];
}

/** Whether validation has no say. */
export const isOfTraining = (name: EpochObjective): name is keyof typeof OF_TRAINING =>
  Object.hasOwn(OF_TRAINING, name);

/** What predictions are judged by where no epoch is: the loss stands for what only training tells. */
export const judgedBy = ({ objective, constraints }: EpochCriteria): Criteria => ({
  objective: isOfTraining(objective) ? "loss" : objective,
  constraints,
});

/** The value of the objective at an epoch, null when undefined. */
export const objectiveOf = (record: Judged, name: EpochObjective): number | null =>
  isOfTraining(name) ? OF_TRAINING[name].of(record) : record.validation.objective;

export const betterObjective = (name: EpochObjective): "lower" | "higher" =>
  isOfTraining(name) ? OF_TRAINING[name].better : OBJECTIVES[name].better;

/** The index of the epoch to keep: the best feasible one, else by the rule of `selectEpoch`. */
export const bestEpoch = (trajectory: readonly Judged[], name: EpochObjective): number =>
  best(
    trajectory.map((record) => ({
      objective: objectiveOf(record, name),
      checks: record.validation.checks,
    })),
    betterObjective(name),
  );
