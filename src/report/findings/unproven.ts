/** @file Gaps that may be chance, in words: never called fair, but said with what their rows do not rule out. */
import type { Attribute, Report } from "../../eval/report.ts";
import { count } from "../format.ts";
import { type Judged, alphaOf, isBeyondChance, isJudged, isValued, largestLeft } from "./chance.ts";
import { FOUR_FIFTHS } from "./evidence.ts";
import { type Finding, finding, gapNamed, isIntersection } from "./finding.ts";
import { gapWords, list, named, ofClass, valueText, writer } from "../words.ts";

/** Gaps of which a reader asks whether they are there. */
const ASKED = [
  "eopp",
  "fpr.gap",
  "dp.difference",
  "accuracy.gap",
  "ppv.gap",
  "npv.gap",
  "auc.gap",
  "calibration.gap",
];

/** What one test alone would call evidence; or what too few fair models cannot tell. */
function almost(gap: Judged, report: Report): string[] {
  const { pValue, pHolm } = gap.fair;
  const { replicates } = report.uncertainty;
  if (pHolm === undefined || pValue > alphaOf(report)) return [];
  return [
    pValue * (1 + replicates) < 1.5
      ? `The ${gapWords(gap)} gap is larger than those of all ${count(replicates)} fair models drawn; draw more to tell it from chance among so many gaps.`
      : `The ${gapWords(gap)} gap would be evidence if it alone were tested (p ${pValue.toFixed(3)}), but not among all gaps (p ${pHolm.toFixed(3)}).`,
  ];
}

function impactText(attribute: Attribute, report: Report): string[] {
  const impact = gapNamed(attribute, "di");
  if (!isJudged(impact) || impact.value >= FOUR_FIFTHS || isBeyondChance(impact, report)) return [];
  const { value, fair } = impact;
  const write = writer(value, fair.p95, FOUR_FIFTHS);
  const but =
    value < fair.p95
      ? `and less than the ${write(fair.p95)} of a fair model of this size, but that may be chance among so many gaps`
      : `but a fair model of this size would show as little as ${write(fair.p95)}`;
  return [
    `Disparate impact is ${valueText(impact, write)}, below the ${write(FOUR_FIFTHS)} of the four-fifths rule, ${but}.`,
  ];
}

function unprovenOf(report: Report, name: string, attribute: Attribute): Finding[] {
  const judged = ASKED.map((metric) => gapNamed(attribute, metric)).filter(isJudged);
  const gaps = judged.filter((gap) => !isBeyondChance(gap, report));
  if (gaps.length === 0) return [];
  const differences = gaps.map((gap, i) => {
    const left = largestLeft(gap);
    const write = writer(gap.value);
    return `${gapWords(gap)}${ofClass(gap.class)} by ${write(gap.value)} (up to ${writer(left)(left)}${i === 0 ? " fits these rows too" : ""})`;
  });
  const text = [
    `By ${named(name)} there is no evidence of a gap, nor that there is none: groups differ in ${list(differences)}. A fair model of this size may show as much.`,
    ...impactText(attribute, report),
    ...gaps.flatMap((gap) => almost(gap, report)),
  ].join(" ");
  // attributes of which nothing is known come first, and intersections last
  const order = gaps.length / judged.length - (isIntersection(report, name) ? 1 : 0);
  return [finding("open", "unclear", text, order)];
}

/** Without fair models beside them, gaps may be all chance. */
function unjudgedOf(report: Report, name: string, attribute: Attribute): Finding[] {
  const gaps = ASKED.map((metric) => gapNamed(attribute, metric))
    .filter(isValued)
    .filter((gap) => !isJudged(gap));
  if (gaps.length === 0) return [];
  const differences = gaps.map(
    (gap) => `${gapWords(gap)}${ofClass(gap.class)} by ${valueText(gap, writer(gap.value))}`,
  );
  const text = `Groups by ${named(name)} differ in ${list(differences)}. How much of this is chance is not known: no fair models were drawn to compare with.`;
  return [finding("open", "unclear", text, isIntersection(report, name) ? 0 : 1)];
}

export const unproven = (report: Report): Finding[] =>
  Object.entries(report.attributes).flatMap(([name, attribute]) => [
    ...unprovenOf(report, name, attribute),
    ...unjudgedOf(report, name, attribute),
  ]);
