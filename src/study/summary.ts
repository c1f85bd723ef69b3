/** @file What a study comes to: each number over seeds, what was published, what mending the flaws changed. */
import { type MeanChange, overSeeds } from "../compare/over-seeds.ts";
import { spread } from "../eval/uncertainty/resampled.ts";
import { type FormSummary, formOf, keyOf, unique } from "./forms.ts";
import { type PublishedNumbers, publishedOf } from "./published-numbers.ts";
import { type Reproduction, reproductionOf } from "./reproduction.ts";
import { type DoneRun, type StudyResult, numberIn } from "./result.ts";
import { FORMS, type Form, STRATEGIES, type Strategy } from "./strategies.ts";

/** Corrected minus compat, over the seeds that have both. */
export interface Change extends MeanChange {
  readonly metric: string;
  readonly of: string | null;
}

export interface StrategySummary {
  readonly strategy: Strategy;
  readonly forms: Readonly<Record<Form, FormSummary>>;
  /** What was published, in the order of its runs. */
  readonly published: readonly PublishedNumbers[];
  readonly changes: readonly Change[];
  /** Shared test rows of the seeds, and why others have no change. */
  readonly shared: { readonly rows: readonly number[]; readonly problems: readonly string[] };
  readonly reproduction: Reproduction;
}

/** Every strategy that the study was asked for. */
export const summarise = (result: StudyResult): StrategySummary[] =>
  STRATEGIES.filter(({ key }) => result.strategies.includes(key)).map((strategy) => {
    const forms = Object.fromEntries(
      FORMS.map((form) => [form, formOf(result, strategy, form)]),
    ) as Record<Form, FormSummary>;
    const published = publishedOf(strategy);
    const corrections = result.corrections.filter((of) => of.strategy === strategy.key);
    return {
      strategy,
      forms,
      published,
      changes: changesOf(result, forms.corrected.runs, corrections),
      shared: {
        rows: corrections.filter(({ numbers }) => numbers.length > 0).map(({ rows }) => rows),
        problems: unique(corrections.flatMap((of) => of.reason ?? [])),
      },
      reproduction: reproductionOf(result, strategy, forms, published),
    };
  });

/**
 * The seeds' splits share rows; what they share widens the interval of the mean: by test rows over all others, of which a
 * strategy may train on a sample, or on none.
 */
function changesOf(
  { uncertainty }: StudyResult,
  runs: readonly DoneRun[],
  corrections: StudyResult["corrections"],
): Change[] {
  const ratios = runs.map(({ testShare }) => testShare / (1 - testShare));
  const ratio = ratios.length === 0 ? 1 : spread(ratios).mean;
  const keys = new Map(corrections.flatMap(({ numbers }) => numbers.map((of) => [keyOf(of), of])));
  return [...keys.values()].map(({ metric, of }) => {
    const changes = corrections.flatMap(({ numbers }) => {
      const found = numberIn(numbers, metric, of);
      return found?.value == null ? [] : [{ value: found.value, interval: found.interval }];
    });
    return { metric, of, ...overSeeds(changes, ratio, uncertainty.level) };
  });
}
