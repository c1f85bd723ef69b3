/** @file What every human form of a comparison is made from. */
import type { NumberName } from "../../compare/numbers.ts";
import { BASE, type CompareResult, isBaseline } from "../../compare/result.ts";
import { type MethodSummary, type SeedNumbers, summarise } from "../../compare/summary.ts";
import type { RunFacts } from "../model.ts";

export interface CompareRun {
  readonly title: string;
  readonly run: RunFacts;
  readonly result: CompareResult;
}

type Method = CompareResult["methods"][number];

/** One method on one task: what it is, and what it came to. */
export type MethodView = MethodSummary & Method;

export interface TaskView {
  readonly result: CompareResult;
  readonly task: CompareResult["tasks"][number];
  readonly base: MethodView;
  /** What methods are compared with, without debiasing: `base`, and `prototype` where it is there. */
  readonly baselines: readonly MethodView[];
  /** The others, in the order of the config. */
  readonly methods: readonly MethodView[];
}

/** A view a task. */
export function viewsOf(result: CompareResult): TaskView[] {
  return summarise(result).map((summary, t) => {
    const all = summary.methods.map((of, m): MethodView => ({ ...of, ...result.methods[m]! }));
    return {
      result,
      task: result.tasks[t]!,
      base: all.find(({ name }) => name === BASE)!,
      baselines: all.filter(({ name }) => isBaseline(name)),
      methods: all.filter(({ name }) => !isBaseline(name)),
    };
  });
}

/** One number of a method; undefined where the task has none such. */
export const numberOf = (
  { numbers }: Pick<MethodSummary, "numbers">,
  metric: NumberName,
  attribute: string | null,
): SeedNumbers | undefined =>
  numbers.find((of) => of.metric === metric && of.attribute === attribute);

/** "gender without race": what is told of a task before its name. */
export const taskTitle = ({ task }: TaskView): string =>
  `${task.target}${task.concepts.length > 0 ? `, ${task.concepts.join(" and ")} removed` : ""}`;
