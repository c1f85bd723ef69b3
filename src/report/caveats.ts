/** @file What a reader must know before believing the numbers, in words, as far as it follows from the facts. */
import type { Gap } from "../eval/report/values.ts";
import type { Report } from "../eval/report.ts";
import { constraintOf, count, decimal, interval, metricOf, percent } from "./format.ts";
import { type Epoch, type RunReport, subject, comparison } from "./model.ts";
import { gapOf, meets, selectedEpoch, shortfall, standing, verdictOf } from "./verdict.ts";

type Rule = (report: RunReport) => readonly string[];

const infeasible: Rule = ({ trajectory }) => {
  if (!trajectory || verdictOf(trajectory) !== "infeasible") return [];
  const rules = trajectory.constraints.map(constraintOf).join(" and ");
  return [
    `INFEASIBLE: no epoch met ${rules} on validation. Epoch ${trajectory.selected} is kept: ${shortfall(trajectory)}; do not read it as a fair model.`,
  ];
};

/** A constraint met on validation may fail on the data that counts. */
const beyondOnTest: Rule = ({ trajectory, evaluation }) =>
  (trajectory?.constraints ?? []).flatMap((rule) => {
    const gap = gapOf(subject(evaluation), rule);
    return gap?.value != null && standing(gap, rule) === "beyond"
      ? [
          `On the ${evaluation.data}, ${metricOf(rule.metric, rule.attribute)} is ${decimal(gap.value)}: the constraint ${constraintOf(rule)} does not hold there.`,
        ]
      : [];
  });

/** How much better an epoch must be for its gap to be called dear: of a loss, or of a share such as accuracy. */
const DEAR = { lower: 1.25, higher: 0.02 };

/** A good epoch that misses a limit by little gives way to a poor one, though gaps on few rows are partly chance. */
const dear: Rule = ({ trajectory }) => {
  if (!trajectory || verdictOf(trajectory) !== "feasible") return [];
  const { objective, constraints, epochs } = trajectory;
  const kept = selectedEpoch(trajectory)!;
  const valueOf = (epoch: Epoch): number | null => epoch.objective.value;
  const better = (a: number, b: number): boolean =>
    objective.better === "lower" ? a * DEAR.lower < b : a - DEAR.higher > b;
  const from = valueOf(kept);
  const best = epochs
    .filter((epoch) => from !== null && valueOf(epoch) !== null && better(valueOf(epoch)!, from))
    .toSorted((a, b) => (valueOf(a)! - valueOf(b)!) * (objective.better === "lower" ? 1 : -1))[0];
  if (!best) return [];
  const missed = constraints.flatMap((rule, i) => {
    const value = best.constraints[i]?.value;
    return value != null && !meets(value, rule)
      ? [`${metricOf(rule.metric, rule.attribute)} of ${decimal(value)}`]
      : [];
  });
  return [
    `The constraint was dear: on validation epoch ${best.epoch} has ${objective.name} ${decimal(valueOf(best)!)}, epoch ${kept.epoch}, which is kept, ${decimal(from!)}. Epoch ${best.epoch} was passed over for ${missed.join(" and ") || "an undefined gap"}. Gaps differ between epochs by chance too, the more the fewer validation rows there are.`,
  ];
};

/** A model that says the same of everybody has no gaps, and meets every limit on them. */
const guessing: Rule = ({ evaluation }) => {
  const { classes, confusion, overall } = subject(evaluation);
  const { value, interval: ends } = overall.accuracy;
  const totals = confusion.map((row) => row.reduce((sum, rows) => sum + rows, 0));
  const most = Math.max(...totals);
  const share = most / totals.reduce((sum, rows) => sum + rows, 0);
  return value === null || !ends || ends[0] > share
    ? []
    : [
        `No better than guessing: accuracy on the ${evaluation.data} is ${decimal(value)} ${interval(ends)}, and calling everybody ${classes[totals.indexOf(most)]} would be right in ${percent(share)}. Such a model has small gaps because it tells nobody apart; do not read them as fairness.`,
      ];
};

const unconstrained: Rule = ({ trajectory }) =>
  trajectory && verdictOf(trajectory) === "unconstrained"
    ? ["No constraint was set: the checkpoint was chosen by its objective alone."]
    : [];

const namedGaps = (report: Report): (readonly [string, Gap])[] => [
  ...Object.entries(report.attributes).flatMap(([attribute, { gaps }]) =>
    Object.entries(gaps).map(([metric, gap]) => [metricOf(metric, attribute), gap] as const),
  ),
  ...Object.entries(report.classGaps.gaps),
];

/** A gap is a maximum minus a minimum, so chance alone makes it positive. */
const gapsAreBiased: Rule = ({ evaluation }) =>
  namedGaps(subject(evaluation)).some(([, gap]) => gap.fair !== null)
    ? [
        "A gap between groups is above 0 by chance alone, even for a fair model; compare it with the column “a fair model”, which has the mean of such models and the value that 95% of them do not go beyond.",
      ]
    : [];

const synthetic: Rule = ({ data }) =>
  data?.synthetic
    ? [
        "The faces are synthetic, drawn with a planted bias: the numbers show that the tool works, not how a model treats people.",
      ]
    : [];

const rejected: Rule = ({ data }) =>
  data && data.rejected.length > 0
    ? [`${count(data.rejected.length)} files or records were rejected and are in no count.`]
    : [];

/** Attributes that data sets code more coarsely than people are. */
const CODES: readonly { readonly name: RegExp; readonly says: (labels: number) => string }[] = [
  {
    name: /^(gender|sex)$/,
    says: (n) =>
      `Gender is coded as ${n} labels by the data set, by appearance; it is not the gender that people state.`,
  },
  {
    name: /^(race|ethnicity)$/,
    says: (n) =>
      `Race is coded as ${n} labels by the data set, by appearance; people of one label differ, and some fit none.`,
  },
];

const codedAttributes: Rule = ({ target, evaluation }) => {
  const report = subject(evaluation);
  const labels = new Map<string, number>([
    ...Object.entries(report.attributes).map(
      ([name, { groups }]) => [name, Object.keys(groups).length] as const,
    ),
    [target, report.classes.length],
  ]);
  return [...labels].flatMap(([name, n]) =>
    CODES.filter((code) => code.name.test(name)).map((code) => code.says(n)),
  );
};

const testTouchedOnce: Rule = ({ trajectory, evaluation }) =>
  trajectory
    ? [
        `The ${evaluation.data} was used once, at the end: the checkpoint ${comparison(evaluation) ? "and the settings of every method were" : "was"} chosen on validation.`,
      ]
    : [];

const debiasing: Rule = ({ evaluation }) => {
  const of = comparison(evaluation);
  if (!of) return [];
  return [
    `${evaluation.erased === null ? "A new model" : "Debiasing"} can make other gaps worse: “worse” in the tables is meant as it stands. “No evidence” means that the paired interval of the change holds 0.`,
    ...Object.entries(evaluation.methods).flatMap(([method, { caveat, groupAtInference }]) => [
      ...(groupAtInference
        ? [`${method} must be told a person's group to classify them, wherever the model is used.`]
        : []),
      ...(caveat === null ? [] : [`${method}: ${caveat}.`]),
    ]),
  ];
};

/** Without these the numbers mislead; in the order of what matters most. */
const SERIOUS: readonly Rule[] = [
  guessing,
  infeasible,
  beyondOnTest,
  dear,
  unconstrained,
  synthetic,
];

const OTHER: readonly Rule[] = [
  gapsAreBiased,
  debiasing,
  testTouchedOnce,
  rejected,
  codedAttributes,
  ({ notes }) => notes,
];

const apply = (rules: readonly Rule[], report: RunReport): string[] =>
  rules.flatMap((rule) => rule(report));

export interface Caveats {
  /** Without these the numbers mislead. */
  readonly serious: readonly string[];
  readonly other: readonly string[];
}

/** Every caveat that follows from the facts of the report, then its own notes; a sentence or two each. */
export const caveats = (report: RunReport): Caveats => ({
  serious: apply(SERIOUS, report),
  other: apply(OTHER, report),
});
