/** @file Which attributes are removed from a trained model, under which limits, and whether the task goes with them. */
import type { Row } from "../../data/row.ts";
import { overlap, overlapWarning } from "../../debias/overlap.ts";
import { type Constraint } from "../../eval/select.ts";
import type { Config } from "../../run/config/schema.ts";
import { defaultConstraints } from "../judge.ts";
import { type Task, singleAttributes, truthOf } from "../predict.ts";
import { columnOf } from "../columns.ts";

/** Those configured, else the first sensitive one; none when that is the target alone. */
export function removedAttributes(
  { attribute }: Pick<Config["debias"], "attribute">,
  { target, attributes }: Pick<Task, "target" | "attributes">,
): readonly string[] {
  if (attribute !== undefined) return [...new Set([attribute].flat())];
  return singleAttributes(attributes)
    .filter((name) => name !== target)
    .slice(0, 1);
}

/**
 * Limits that variants are chosen under: those of training that concern a removed attribute, else the default ones on
 * these. A rule between the target's classes says nothing of what the methods are for.
 */
export function variantConstraints(
  constraints: readonly Constraint[],
  removed: readonly string[],
  task: Task,
): readonly Constraint[] {
  const concerned = constraints.filter(({ attribute }) =>
    attribute?.split("*").some((name) => removed.includes(name)),
  );
  if (concerned.length > 0) return concerned;
  const measured = removed.filter((name) => task.attributes.includes(name));
  return measured.length === 0
    ? constraints
    : measured.flatMap((name) => defaultConstraints(task, name));
}

/** One line for each attribute to be removed that decides the target in the train rows, or all but does. */
export function overlapNotes(
  debias: Pick<Config["debias"], "attribute" | "methods">,
  task: Task,
  train: readonly Row[],
): string[] {
  const removed = debias.methods.length > 0 ? removedAttributes(debias, task) : [];
  return removed.flatMap((name) => {
    const together = overlap(columnOf(train, name).codes, truthOf(task, train));
    return overlapWarning(name, task.target, together) ?? [];
  });
}
