/** @file Gaps that may be chance, in words: never called fair, but said with what their rows do not rule out. */
import type { Attribute, Report } from "../../eval/report.ts";
import { count, pValue } from "../format.ts";
import {
  type Judged,
  type Valued,
  alphaOf,
  isBeyondChance,
  isJudged,
  isValued,
  largestLeft,
  replicatesOf,
} from "./chance.ts";
import { FOUR_FIFTHS } from "./evidence.ts";
import { ASKED, type Finding, finding, gapNamed, isIntersection } from "./finding.ts";
import { gapWords, list, named, ofClass, valueText, writer } from "../words.ts";

/** A ratio below four fifths that may be chance. */
function impact(report: Report, name: string, attribute: Attribute): Finding[] {
  const gap = gapNamed(attribute, "di");
  if (!isJudged(gap) || gap.value >= FOUR_FIFTHS || isBeyondChance(gap, report)) return [];
  const { value, fair } = gap;
  const write = writer(value, fair.p95, FOUR_FIFTHS);
  const but =
    value < fair.p95
      ? `That is less than the ${write(fair.p95)} of a fair model of this size, but may be chance among all the gaps that were tested`
      : `A fair model of this size would show as little as ${write(fair.p95)}`;
  const text = `Disparate impact by ${named(name)} is ${valueText(gap, write)}, below the ${write(FOUR_FIFTHS)} of the four-fifths rule. ${but}.`;
  return [finding("open", "unclear", text, isIntersection(report, name) ? 0 : 1)];
}

const differences = (gaps: readonly Judged[], write: (gap: Judged, i: number) => string): string =>
  list(gaps.map((gap, i) => `${gapWords(gap)}${ofClass(gap.class)} by ${write(gap, i)}`));

/** What one test alone would call evidence, but not one of many, or not by so few fair models. */
function suspected(report: Report, name: string, gaps: readonly Judged[]): Finding[] {
  if (gaps.length === 0) return [];
  const all = gaps.filter((gap) => gap.fair.pValue * (1 + replicatesOf(gap, report)) < 1.5);
  const least = Math.min(...gaps.map(({ fair }) => fair.pHolm ?? fair.pValue));
  const because =
    all.length > 0
      ? ` None of the ${count(replicatesOf(all[0]!, report))} fair models drawn shows as much in ${list(all.map(gapWords))}: more must be drawn to tell.`
      : "";
  const text = `Groups by ${named(name)} differ in ${differences(gaps, (gap) => valueText(gap, writer(gap.value)))}. That is more than a fair model of this size would show, but may be chance among all the gaps that were tested (smallest p after correction: ${pValue(least)}).${because}`;
  return [finding("open", "unclear", text, isIntersection(report, name) ? 1 : 2)];
}

/** What fair models often show. */
function unproven(report: Report, name: string, gaps: readonly Judged[], share: number): Finding[] {
  if (gaps.length === 0) return [];
  const listed = differences(gaps, (gap, i) => {
    const left = largestLeft(gap);
    return `${writer(gap.value)(gap.value)} (up to ${writer(left)(left)}${i === 0 ? " fits these rows too" : ""})`;
  });
  const text = `By ${named(name)} there is no evidence of a gap, nor that there is none: groups differ in ${listed}. A fair model of this size may show as much.`;
  return [finding("open", "unclear", text, share - (isIntersection(report, name) ? 1 : 0))];
}

function unjudged(report: Report, name: string, gaps: readonly Valued[]): Finding[] {
  if (gaps.length === 0) return [];
  const listed = gaps.map(
    (gap) => `${gapWords(gap)}${ofClass(gap.class)} by ${valueText(gap, writer(gap.value))}`,
  );
  const text = `Groups by ${named(name)} differ in ${list(listed)}. How much of this is chance is not known: no fair models were drawn to compare with.`;
  return [finding("open", "unclear", text, isIntersection(report, name) ? 0 : 1)];
}

/** Of every attribute: what may be chance, what is no more than chance would show, and what was not compared with it. */
export const open = (report: Report): Finding[] =>
  Object.entries(report.attributes).flatMap(([name, attribute]) => {
    const gaps = ASKED.map((metric) => gapNamed(attribute, metric)).filter(isValued);
    const judged = gaps.filter(isJudged);
    const rest = judged.filter((gap) => !isBeyondChance(gap, report));
    const isUnlikely = ({ fair }: Judged): boolean => fair.pValue <= alphaOf(report);
    const likely = rest.filter((gap) => !isUnlikely(gap));
    return [
      ...suspected(report, name, rest.filter(isUnlikely)),
      ...unproven(report, name, likely, likely.length / judged.length),
      ...impact(report, name, attribute),
      ...unjudged(
        report,
        name,
        gaps.filter((gap) => !isJudged(gap)),
      ),
    ];
  });
