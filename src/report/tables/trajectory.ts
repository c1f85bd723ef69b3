/** @file Every epoch, feasible or not, and which was kept. */
import { constraintOf, decimal, measured } from "../format.ts";
import type { Epoch, Measured, Trajectory } from "../model.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";

const measuredCell = (value: Measured): Cell =>
  cell(measured(value), undefined, value.value === null ? "muted" : undefined);

const feasibleCell = ({ epoch, feasible }: Epoch, selected: number): Cell =>
  cell(
    feasible ? "yes" : "no",
    epoch === selected ? "kept" : undefined,
    feasible ? "met" : "broken",
  );

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
    ],
    rows: trajectory.epochs.map((epoch) => [
      cell(String(epoch.epoch)),
      cell(decimal(epoch.trainLoss)),
      cell(decimal(epoch.validationLoss)),
      ...objective.map(() => measuredCell(epoch.objective)),
      ...epoch.constraints.map(measuredCell),
      feasibleCell(epoch, trajectory.selected),
    ]),
    notes: [],
  };
}
