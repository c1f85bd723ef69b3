/** @file One machine report: overall rates, groups, gaps, the target's classes. */
import { RATES, RATE_NAMES, type RateName } from "../../eval/metrics/rates.ts";
import type { Attribute, ClassGaps, View } from "../../eval/report.ts";
import type { Gap, Group, Rate } from "../../eval/report/values.ts";
import { count, decimal, measured, pValue, undefinedFor } from "../format.ts";
import { referenceTable } from "./reference.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";
import { gapCell, notesOf, rateCell } from "./values.ts";
import { rateWords } from "../words.ts";

/** The rates worth a first look; `RATE_NAMES` are all of them. */
export const KEY_RATES = ["accuracy", "tpr", "fpr", "selectionRate"] as const satisfies RateName[];

const KEY_GAPS = ["eo.max", "eopp", "dp.difference", "di", "worst_group.accuracy"];

/** Whether a gap is worth a first look; of a multi-class target, over its worst class. */
export const isKeyGap = (metric: string): boolean =>
  KEY_GAPS.includes(metric.replace(/\.worst$/, ""));

/** Those of them, in their order. */
export const keyGaps = (gaps: Readonly<Record<string, Gap>>): Record<string, Gap> =>
  Object.fromEntries(Object.entries(gaps).filter(([metric]) => isKeyGap(metric)));

/** Every rate over all rows. */
export const overallTable = (overall: Group): Table => ({
  title: "All rows",
  columns: [left("rate"), right("value")],
  rows: RATE_NAMES.map((name) => [
    cell(RATES[name].label, undefined, "strong"),
    rateCell(overall[name]),
  ]),
  notes: notesOf([
    [`${count(overall.count)} rows`, overall.note],
    ...RATE_NAMES.map((name) => [RATES[name].label, overall[name].note] as const),
  ]),
});

/**
 * Some rates of every group of one attribute, and of all rows.
 * @param write the cell of a rate: `rateCell` has its counts, `gapCell` is shorter
 */
export function groupTable(
  name: string,
  attribute: Attribute,
  overall: Group,
  rates: readonly RateName[],
  write: (rate: Rate) => Cell = rateCell,
): Table {
  const groups = [...Object.entries(attribute.groups), ["all", overall] as const];
  return {
    title: `Rates by ${name}`,
    columns: [left(name), right("rows"), ...rates.map((rate) => right(RATES[rate].label))],
    rows: groups.map(([group, of], i) => [
      cell(group, undefined, i === groups.length - 1 ? "muted" : "strong"),
      cell(count(of.count)),
      ...rates.map((rate) => write(of[rate])),
    ]),
    notes: [
      ...notesOf(
        groups.flatMap(([group, of]) => [
          [group, of.note] as const,
          ...rates.map((rate) => [`${group}, ${RATES[rate].label}`, of[rate].note] as const),
        ]),
      ),
      ...(attribute.missing > 0
        ? [`${count(attribute.missing)} rows have no ${name} and are left out here.`]
        : []),
    ],
  };
}

/** Which groups and which rate make a gap: "black < white, TPR, class asian". */
export const makers = (gap: Gap): string =>
  [
    gap.groups.join(" < "),
    gap.rate === null ? "" : rateWords(gap.rate),
    gap.class === undefined ? "" : `class ${gap.class}`,
  ]
    .filter(Boolean)
    .join(", ");

const fairCell = (gap: Gap): Cell =>
  gap.fair === null ? cell("") : cell(decimal(gap.fair.expected), `95%: ${decimal(gap.fair.p95)}`);

const pCell = (gap: Gap): Cell =>
  gap.fair === null
    ? cell("")
    : cell(
        pValue(gap.fair.pValue),
        gap.fair.pHolm === undefined ? undefined : `Holm ${pValue(gap.fair.pHolm)}`,
      );

/** Gaps with what a fair model of the same counts would show, which is not 0. */
export function gapTable(title: string, gaps: Readonly<Record<string, Gap>>): Table {
  const entries = Object.entries(gaps);
  return {
    title,
    columns: [
      left("metric"),
      right("value"),
      left("lowest and highest"),
      right("a fair model"),
      right("p"),
    ],
    rows: entries.map(([name, gap]) => [
      cell(name, undefined, "strong"),
      gapCell(gap),
      cell(makers(gap)),
      fairCell(gap),
      pCell(gap),
    ]),
    notes: notesOf(
      entries.flatMap(([name, gap]) => [
        [name, gap.note] as const,
        [
          name,
          gap.undefinedGroups.length > 0
            ? `left out, as a rate is undefined there: ${gap.undefinedGroups.join(", ")}`
            : undefined,
        ] as const,
      ]),
    ),
  };
}

/** The study's gaps between the target's classes, over all of them and without the excluded ones. */
export function classGapTables({ gaps, pairs, excluding }: ClassGaps): Table[] {
  const pair = (value: number | null, privileged: string | null): Cell =>
    cell(
      value === null ? undefinedFor("undefined in one of the two") : decimal(value),
      privileged === null ? undefined : `favours ${privileged}`,
    );
  return [
    gapTable("Between classes", gaps),
    ...(excluding
      ? [gapTable(`Between classes, without ${excluding.classes.join(", ")}`, excluding.gaps)]
      : []),
    {
      title: "Pairs of classes",
      columns: [left("classes"), right("TPR gap"), right("FPR gap"), right("recall ratio")],
      rows: pairs.map(({ classes, tpr, fpr, recallRatio }) => [
        cell(classes.join(", "), undefined, "strong"),
        pair(tpr.gap, tpr.privileged),
        pair(fpr.gap, fpr.privileged),
        cell(measured({ value: recallRatio, reason: "undefined in one of the two" })),
      ]),
      notes: [],
    },
  ];
}

/** Every number of a view: all rates of all groups, and the gaps. */
export const viewTables = ({ overall, attributes }: View): Table[] => [
  overallTable(overall),
  ...Object.entries(attributes).flatMap(([name, attribute]) => [
    groupTable(name, attribute, overall, RATE_NAMES),
    gapTable(`Gaps by ${name}`, attribute.gaps),
    ...(attribute.reference ? [referenceTable(name, attribute.reference, RATE_NAMES)] : []),
  ]),
];
