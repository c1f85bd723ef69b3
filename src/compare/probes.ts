/** @file What can be read off a method's embeddings: the concepts that should be gone, and what should have stayed. */
import { leakage } from "../eval/probes/leakage.ts";
import type { ProbeName } from "../eval/probes/probes.ts";
import { clustersOf, columnOf } from "../train/columns.ts";
import type { Part } from "./recipe.ts";
import type { DoneCell, Probe } from "./result.ts";
import type { TaskReport } from "./tasks.ts";

export interface ProbeSettings {
  /** Of the cross-validation on test rows. */
  readonly folds: number;
  /** A small non-linear probe too. */
  readonly nonlinear: boolean;
  /** Coverage of the intervals. */
  readonly level: number;
}

/**
 * All by cross-validation on the test rows, which no method was fitted on; every method of a seed has the same folds.
 * @param x embeddings of the test rows after a method [N, D]
 */
export function probesOf(
  { concepts, utility }: TaskReport,
  { rows, d }: Part,
  x: Float32Array,
  { folds, nonlinear, level }: ProbeSettings,
): Pick<DoneCell, "leakage" | "utility"> {
  const clusters = clustersOf(rows);
  const probe = (name: ProbeName, attribute: string): Probe =>
    leakage({ x, n: rows.length, d }, columnOf(rows, attribute).codes, name, {
      folds,
      level,
      clusters,
    });
  const each = <T>(attributes: readonly string[], of: (attribute: string) => T) =>
    Object.fromEntries(attributes.map((attribute) => [attribute, of(attribute)]));
  return {
    leakage: each(concepts, (concept) => ({
      linear: probe("linear", concept),
      nonlinear: nonlinear ? probe("nonlinear", concept) : null,
    })),
    utility: each(utility, (attribute) => probe("linear", attribute)),
  };
}
