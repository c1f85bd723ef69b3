/** @file The tasks of a comparison: what a config says, checked against the rows. */
import type { Row } from "../data/row.ts";
import type { CompareConfig } from "../run/config/compare.ts";
import { UsageError } from "../run/errors.ts";
import { singleAttributes } from "../train/predict.ts";
import type { CompareResult } from "./result.ts";

export type TaskReport = CompareResult["tasks"][number];
type TaskConfig = CompareConfig["tasks"][number];

/** @throws UsageError for an attribute that the rows do not have, or a target of one class */
export function tasksOf(
  { tasks, skew, select }: CompareConfig,
  rows: readonly Row[],
): TaskReport[] {
  const made = tasks.map((task, i) => taskOf(task, i, skew.k, rows));
  const twice = made.find(({ id }, i) => made.findIndex((other) => other.id === id) !== i);
  if (twice)
    throw new UsageError(
      `tasks: two are called ${twice.id}; give one of them another name, such as name: ${twice.id}-2`,
    );
  const measured = new Set(made.flatMap(({ attributes }) => attributes));
  const stray = select.constraints?.find(
    ({ attribute }) => attribute !== undefined && !measured.has(attribute),
  );
  if (stray)
    throw new UsageError(
      `select.constraints: no task measures ${stray.attribute}; there are ${[...measured].join(", ")}`,
    );
  return made;
}

function taskOf(task: TaskConfig, index: number, k: number, rows: readonly Row[]): TaskReport {
  const { target, sensitive, intersections, utility } = task;
  const concepts = task.concepts ?? sensitive;
  const attributes = [...sensitive, ...intersections.map((names) => names.join("*"))];
  for (const name of [...singleAttributes(attributes), target, ...concepts, ...utility])
    requireLabel(rows, name, `tasks.${index}`);
  const classes = labelsOf(rows, target);
  if (classes.length < 2)
    throw new UsageError(
      `tasks.${index}.target: every row has ${target}=${classes[0]}, expected at least two classes`,
    );
  const { positive } = task;
  if (positive !== undefined && (classes.length > 2 || !classes.includes(positive)))
    throw new UsageError(
      classes.length > 2
        ? `tasks.${index}.positive: ${target} has ${classes.length} classes, each is measured against the rest; leave it out`
        : `tasks.${index}.positive: "${positive}" is not a class of ${target}: ${classes.join(", ")}`,
    );
  return {
    id: task.name ?? `${target}-without-${concepts.join("-")}`,
    target,
    classes,
    positive: classes.length === 2 ? (positive ?? classes[1]!) : null,
    attributes,
    concepts,
    utility,
    k,
    notes: concepts.flatMap((concept) => taskInConcept(rows, target, concept)),
  };
}

/** Labels of an attribute, sorted. */
export const labelsOf = (rows: readonly Row[], name: string): string[] =>
  [...new Set(rows.map(({ labels }) => labels[name]!))].toSorted();

function requireLabel(rows: readonly Row[], name: string, where: string): void {
  const without = rows.find(({ labels }) => labels[name] === undefined);
  if (without)
    throw new UsageError(
      `${where}: ${without.id} has no attribute "${name}"; expected one of ${Object.keys(without.labels).join(", ")}, or one made of them under attributes`,
    );
}

/** Whoever knows the concept knows the class: what removes the one removes the other. */
function taskInConcept(rows: readonly Row[], target: string, concept: string): string[] {
  const classOf = new Map<string, string>();
  for (const { labels } of rows) {
    const of = labels[concept]!;
    if ((classOf.get(of) ?? labels[target]) !== labels[target]) return [];
    classOf.set(of, labels[target]!);
  }
  return [
    concept === target
      ? `${concept} is both what is predicted and what is removed: a method that works erases the task itself`
      : `${concept} tells ${target} of every row: a method that removes ${concept} erases the task itself`,
  ];
}
