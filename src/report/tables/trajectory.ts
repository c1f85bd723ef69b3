/** @file Every epoch, feasible or not, and which was kept. */
import { constraintOf, decimal, measured } from "../format.ts";
import type { Measured, Trajectory } from "../model.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";

const measuredCell = (value: Measured): Cell =>
  cell(measured(value), undefined, value.value === null ? "muted" : undefined);

/** The objective has a column of its own unless it is the validation loss. */
export function trajectoryTable(trajectory: Trajectory): Table {
  const objective = trajectory.objective.name === "loss" ? [] : [trajectory.objective.name];
  return {
    title: "Epochs",
    columns: [
      right("epoch"),
      right("train loss"),
      right("validation loss"),
      ...objective.map(right),
      ...trajectory.constraints.map((rule) => right(constraintOf(rule))),
      left("feasible"),
      left("kept"),
    ],
    rows: trajectory.epochs.map((epoch) => [
      cell(String(epoch.epoch)),
      cell(decimal(epoch.trainLoss)),
      cell(decimal(epoch.validationLoss)),
      ...objective.map(() => measuredCell(epoch.objective)),
      ...epoch.constraints.map(measuredCell),
      epoch.feasible ? cell("yes", undefined, "better") : cell("no", undefined, "worse"),
      epoch.epoch === trajectory.selected ? cell("kept", undefined, "strong") : cell(""),
    ]),
    notes: [],
  };
}
