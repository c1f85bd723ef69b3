/** @file One form of a strategy over seeds. */
import { spread } from "../eval/uncertainty/resampled.ts";
import { type DoneRun, type StudyNumber, type StudyResult, numberIn } from "./result.ts";
import type { Form, Strategy } from "./strategies.ts";

/** One number of one form over seeds. */
export interface OverSeeds {
  readonly metric: string;
  readonly of: string | null;
  /** Null where no seed has it. */
  readonly mean: number | null;
  /** Over seeds (n - 1); null for fewer than two. */
  readonly sd: number | null;
  /** Of each seed that has it. */
  readonly values: readonly number[];
  /** From the lowest to the highest seed; of one seed the interval of its test rows. */
  readonly range: readonly [number, number] | null;
  readonly reason?: string | undefined;
}

export interface FormSummary {
  readonly runs: readonly DoneRun[];
  /** Why runs are missing, each reason once. */
  readonly problems: readonly string[];
  readonly numbers: readonly OverSeeds[];
}

export const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

/** Tells numbers apart. */
export const keyOf = ({ metric, of }: Pick<StudyNumber, "metric" | "of">): string =>
  `${metric}\0${of}`;

/** Every number that a seed has. */
export function formOf(result: StudyResult, { key }: Strategy, form: Form): FormSummary {
  const mine = result.runs.filter((run) => run.strategy === key && run.form === form);
  const runs = mine.flatMap((run) => (run.status === "done" ? [run] : []));
  const keys = new Map(runs.flatMap(({ numbers }) => numbers.map((of) => [keyOf(of), of])));
  return {
    runs,
    problems: unique(mine.flatMap((run) => (run.status === "done" ? [] : [run.reason]))),
    numbers: [...keys.values()].map(({ metric, of }): OverSeeds => {
      const found = runs.flatMap(({ numbers }) => numberIn(numbers, metric, of) ?? []);
      const values = found.flatMap(({ value }) => value ?? []);
      if (values.length === 0)
        return { metric, of, mean: null, sd: null, values, range: null, reason: found[0]?.reason };
      return {
        metric,
        of,
        ...spread(values),
        values,
        range:
          values.length === 1
            ? (found.find(({ value }) => value !== null)?.interval ?? null)
            : [Math.min(...values), Math.max(...values)],
      };
    }),
  };
}
