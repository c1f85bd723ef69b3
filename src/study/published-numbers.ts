/** @file What was published of a strategy, as the measures of the strategy table. */
import type { Printed, PublishedRun } from "./printed.ts";
import { PUBLISHED, publishedReport, smallestFormula, studyNumber } from "./published.ts";
import type { StudyNumber } from "./result.ts";
import type { Strategy } from "./strategies.ts";

export interface PublishedNumbers {
  readonly run: PublishedRun;
  /** By its confusion matrix where there is one, else as printed. */
  readonly numbers: readonly StudyNumber[];
}

/** The study's own runs of a strategy on its target, the one of most numbers first: numbers of two runs do not mix. */
export const publishedOf = ({ key, target, published = key }: Strategy): PublishedNumbers[] =>
  PUBLISHED.filter((run) => run.strategy === published && run.target === target)
    .map((run) => ({ run, numbers: publishedNumbers(run) }))
    .toSorted((a, b) => b.numbers.length - a.numbers.length);

/** The measures of the strategy table, where a published run has them. */
function publishedNumbers(run: PublishedRun): StudyNumber[] {
  const report = publishedReport(run, { uncertainty: { replicates: 0 } });
  const wanted = [
    { metric: "accuracy" },
    { metric: "balanced_accuracy" },
    { metric: "macro_f1" },
    { metric: "recall", of: "male" },
    { metric: "recall", of: "female" },
    { metric: "class.tpr_gap" },
    { metric: "class.di" },
  ] as const;
  const isAsked = (measure: (typeof wanted)[number]): boolean =>
    !("of" in measure) || run.target === "gender";
  const numbers = wanted.filter(isAsked).flatMap((measure): StudyNumber[] => {
    const { metric } = measure;
    const of = "of" in measure ? measure.of : undefined;
    const printed = run.printed.find(
      (found) => found.metric === metric && String(found.of) === String(of),
    );
    const value = report
      ? studyNumber(report, { metric, ...(of !== undefined && { of }) })
      : asPrinted(printed);
    return value === null ? [] : [{ metric, of: of ?? null, value, interval: null }];
  });
  const formula = report
    ? smallestFormula(report)
    : asPrinted(run.printed.find(({ metric }) => metric === "compat.di"));
  if (formula === null) return numbers;
  return [...numbers, { metric: "compat.di", of: null, value: formula, interval: null }];
}

const asPrinted = (printed: Printed | undefined): number | null =>
  printed ? Number(printed.code ?? printed.report) : null;
