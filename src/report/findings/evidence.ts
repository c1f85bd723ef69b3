/** @file Gaps that chance does not explain, in words. */
import type { Attribute, Report } from "../../eval/report.ts";
import type { Rate } from "../../eval/report/values.ts";
import { count } from "../format.ts";
import { type Judged, excessOf, isBeyondChance, isJudged } from "./chance.ts";
import { type Finding, finding, gapNamed, isIntersection, rateOf } from "./finding.ts";
import { gapWords, named, valueText, writer } from "../words.ts";

export const FOUR_FIFTHS = 0.8;

interface Subject {
  readonly report: Report;
  readonly name: string;
  readonly attribute: Attribute;
}

type Write = (value: number) => string;

/** "indian 0.78", with its rows where they are few. */
function groupRate({ report }: Subject, group: string, rate: Rate | null, write: Write): string {
  if (rate?.value == null) return named(group);
  const small = rate.support < report.uncertainty.minSupport;
  return `${named(group)} ${write(rate.value)}${small ? ` (only ${count(rate.support)} rows)` : ""}`;
}

const groupRates = (subject: Subject, gap: Judged, write: Write): string =>
  gap.groups
    .map((group) =>
      groupRate(subject, group, rateOf(subject.report, subject.name, gap, group), write),
    )
    .join(", ");

/** "The TPR gap by race is 0.11 [0.06, 0.16]: indian 0.78, white 0.89. A fair model of this size would show up to 0.07." */
function differenceText(subject: Subject, gap: Judged): string {
  const write = writer(gap.value, gap.fair.p95);
  const where = gap.class === undefined ? "is" : `is largest for class ${named(gap.class)},`;
  return [
    `The ${gapWords(gap)} gap by ${named(subject.name)} ${where} ${valueText(gap, write)}: ${groupRates(subject, gap, write)}.`,
    `A fair model of this size would show up to ${write(gap.fair.p95)}.`,
  ].join(" ");
}

/** Selection rates may differ because the truth does, so the base rates are said too. */
function impactText(subject: Subject, gap: Judged): string {
  const { report, name } = subject;
  const write = writer(gap.value, gap.fair.p95, FOUR_FIFTHS);
  const reaches = (gap.interval?.[1] ?? gap.value) >= FOUR_FIFTHS;
  const base = gap.groups.flatMap(
    (group) => rateOf(report, name, { ...gap, rate: "baseRate" }, group)?.value ?? [],
  );
  const positive = named(gap.class ?? report.positive ?? "positive");
  return [
    `Disparate impact by ${named(name)} is ${valueText(gap, write)}, below the ${write(FOUR_FIFTHS)} of the four-fifths rule${reaches ? ", though its interval is not" : ""}.`,
    `Predicted ${positive}: ${groupRates(subject, gap, write)}${base.length === 2 ? `; truly ${positive}: ${base.map(write).join(" and ")}` : ""}.`,
    `A fair model of this size would show ${write(gap.fair.p95)} or more.`,
  ].join(" ");
}

function worstGroupText({ report, name }: Subject, gap: Judged): string {
  const all = report.overall.accuracy.value ?? gap.value;
  const write = writer(gap.value, gap.fair.p95, all);
  const [group = ""] = gap.groups;
  const support = rateOf(report, name, gap, group)?.support ?? 0;
  return [
    `Accuracy by ${named(name)} is lowest for ${named(group)}: ${valueText(gap, write)} on ${count(support)} rows, against ${write(all)} over all.`,
    `The worst group of a fair model of this size would have ${write(gap.fair.p95)} or more.`,
  ].join(" ");
}

/** A score means what it says where as many rows come true: in one group it may, and in another not. */
function calibrationText(subject: Subject, gap: Judged): string {
  const write = writer(gap.value, gap.fair.p95);
  const where = gap.class === undefined ? "" : `for class ${named(gap.class)} `;
  return [
    `Scores ${where}mean different things by ${named(subject.name)}: mean score less share of positives is ${groupRates(subject, gap, write)}, a gap of ${valueText(gap, write)}.`,
    `A fair model of this size would show up to ${write(gap.fair.p95)}.`,
  ].join(" ");
}

const bySize = (a: Judged, b: Judged): number => excessOf(b) - excessOf(a);

/** What stands beside a larger gap of its kind is a detail; so are gaps given the prediction. */
function evidenceOf(subject: Subject): Finding[] {
  const { report, name, attribute } = subject;
  const found = (...metrics: readonly string[]): Judged[] =>
    metrics
      .map((metric) => gapNamed(attribute, metric))
      .filter(isJudged)
      .filter((gap) => isBeyondChance(gap, report))
      .toSorted(bySize);
  const worse =
    (kind: Finding["kind"], text: (subject: Subject, gap: Judged) => string) =>
    (gap: Judged): Finding => {
      const as = kind !== "detail" && isIntersection(report, name) ? "intersection" : kind;
      return finding(as, "worse", text(subject, gap), excessOf(gap));
    };
  const errors = found("eopp", "fpr.gap");
  const impact = found("di").filter(({ value }) => value < FOUR_FIFTHS);
  const selection = impact.length > 0 ? [] : found("dp.difference");
  return [
    ...errors.slice(0, 1).map(worse("errors", differenceText)),
    ...found("worst_group.accuracy").map(worse("accuracy", worstGroupText)),
    ...impact.map(worse("selection", impactText)),
    ...found("calibration.gap").map(worse("scores", calibrationText)),
    ...found("auc.gap").map(worse("scores", differenceText)),
    ...[...errors.slice(1), ...selection, ...found("ppv.gap", "npv.gap")].map(
      worse("detail", differenceText),
    ),
  ];
}

export const evidence = (report: Report): Finding[] =>
  Object.entries(report.attributes).flatMap(([name, attribute]) =>
    evidenceOf({ report, name, attribute }),
  );
