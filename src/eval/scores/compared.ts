/** @file Adds the changes of score metrics to what a comparison reports. */
import type { Column } from "../counts/cells.ts";
import { attributesOf, EVERYONE, everyone, type EvaluateOptions, planOf } from "../evaluate.ts";
import { none, verdictOf } from "../groups/paired-changes.ts";
import { gapDefinition, isScoreGap } from "../metrics/gaps.ts";
import { SCORE_RATES, type ScoreName } from "../metrics/scores.ts";
import type { Predictions } from "../predictions.ts";
import type { Attribute, Report } from "../report.ts";
import type { Change, ChangeReport } from "../report/comparison.ts";
import type { Estimate } from "../report/values.ts";
import { scoreChanges } from "./changes.ts";

type Both<T> = Readonly<Record<"before" | "after", T>>;
type Named = Readonly<Record<string, Estimate>>;
type Changes = Record<string, Change>;

/** @param reports of both models, made with the same options */
export function addScoreChanges(
  change: ChangeReport,
  predictions: Both<Predictions>,
  reports: Both<Report>,
  options: EvaluateOptions,
  method: string,
): ChangeReport {
  if (!reports.before.overall.scores || !reports.after.overall.scores) return change;
  const { before, after } = predictions;
  const plan = planOf(before, options);
  const changesOf = (
    column: Column,
    of: (report: Report) => Pick<Attribute, "groups" | "gaps">,
    stream: string,
  ) => {
    const [was, is] = [of(reports.before), of(reports.after)];
    const gaps = { before: scoreGaps(was.gaps), after: scoreGaps(is.gaps) };
    const found = scoreChanges(before, after, column, plan, null, gaps, method, stream);
    const scoresOf = ({ groups }: typeof was, group: string): Named => groups[group]!.scores ?? {};
    return {
      groups: Object.fromEntries(
        column.values.map((group) => [
          group,
          compared(
            { before: scoresOf(was, group), after: scoresOf(is, group) },
            found?.groups[group],
            (name) => SCORE_RATES[name as ScoreName].better,
          ),
        ]),
      ),
      gaps: compared(gaps, found?.gaps, (name) => gapDefinition(name)!.better),
    };
  };
  const all = changesOf(
    everyone(before.truth.length),
    ({ overall }) => ({ groups: { [EVERYONE]: overall }, gaps: {} }),
    "all",
  );
  return {
    ...change,
    overall: { ...change.overall, ...all.groups[EVERYONE] },
    attributes: Object.fromEntries(
      attributesOf(before, options).map(({ name, column }) => {
        const of = changesOf(column, ({ attributes }) => attributes[name]!, name);
        const { groups, gaps } = change.attributes[name]!;
        return [
          name,
          {
            groups: Object.fromEntries(
              column.values.map((group) => [group, { ...groups[group]!, ...of.groups[group]! }]),
            ),
            gaps: { ...gaps, ...of.gaps },
          },
        ];
      }),
    ),
  };
}

const scoreGaps = (gaps: Named): Named =>
  Object.fromEntries(Object.entries(gaps).filter(([name]) => isScoreGap(name)));

/** Every metric that both models have, and why it has not changed where it is undefined. */
const compared = (
  { before, after }: Both<Named>,
  changes: Named | undefined,
  better: (name: string) => "higher" | "lower" | "neither",
): Changes =>
  Object.fromEntries(
    Object.keys(before)
      .filter((name) => Object.hasOwn(after, name))
      .map((name): [string, Change] => {
        const change = changes?.[name];
        if (change) return [name, { ...change, verdict: verdictOf(change.interval, better(name)) }];
        const reason = before[name]!.reason ?? after[name]!.reason;
        return [name, none(reason ?? "not the same rows have a score")];
      }),
  );
