/** @file What says nothing, in words: groups too small, metrics that are undefined, rows that were left out. */
import type { RateName } from "../../eval/metrics/rates.ts";
import type { Attribute, Report } from "../../eval/report.ts";
import type { Group } from "../../eval/report/values.ts";
import { count, percent } from "../format.ts";
import { type Finding, finding, viewsOf } from "./finding.ts";
import { list, named, ofClass, rateWords } from "../words.ts";

const few = ({ uncertainty }: Report): string => `fewer than ${count(uncertainty.minSupport)} rows`;

/** "1 of 30 groups by race has", "2 of 30 groups by race have". */
const groupsHave = (some: readonly unknown[], all: readonly unknown[], name: string): string =>
  `${count(some.length)} of ${count(all.length)} group${all.length === 1 ? "" : "s"} by ${named(name)} ${some.length === 1 ? "has" : "have"}`;

function smallGroups(report: Report, name: string, { groups }: Attribute): Finding[] {
  const all = Object.entries(groups).toSorted(([, a], [, b]) => a.count - b.count);
  const empty = all.filter(([, of]) => of.count === 0);
  const small = all.filter(([, of]) => of.count > 0 && of.count < report.uncertainty.minSupport);
  const texts = [
    small.length > 0 &&
      `${groupsHave(small, all, name)} ${few(report)}, too few to say anything: ${list(small.map(([group, of]) => `${named(group)} (${count(of.count)})`))}.`,
    empty.length > 0 &&
      `${groupsHave(empty, all, name)} no rows: ${list(empty.map(([group]) => named(group)))}.`,
  ].filter((text) => text !== false);
  const share = (small.length + empty.length) / all.length;
  return texts.length === 0 ? [] : [finding("support", "unclear", texts.join(" "), share)];
}

interface GroupRate {
  readonly label: string;
  readonly group: string;
  readonly of: Group;
}

/** Every group with rows, for each class that is measured. */
const groupsOf = (report: Report, name: string): GroupRate[] =>
  viewsOf(report).flatMap(([label, { attributes }]) =>
    Object.entries(attributes[name]?.groups ?? {}).flatMap(([group, of]) =>
      of.count === 0 ? [] : [{ label, group, of }],
    ),
  );

/** Enough rows may still hold few that are truly positive, or truly negative. */
function smallDenominators(report: Report, name: string): Finding[] {
  const { minSupport } = report.uncertainty;
  const found = groupsOf(report, name)
    .filter(({ of }) => of.count >= minSupport)
    .flatMap(({ label, group, of }) =>
      (["tpr", "fpr"] as const).map((rate) => ({ label, group, rate, ...of[rate] })),
    )
    .filter(({ value, support }) => value !== null && support < minSupport)
    .toSorted((a, b) => a.support - b.support)
    .map(
      ({ label, group, rate, support }) =>
        `${rateWords(rate)} of ${named(group)}${ofClass(label)} (${count(support)})`,
    );
  const text = `Some rates by ${named(name)} rest on ${few(report)}; they say little, and so do gaps made by them: ${list(found)}.`;
  return found.length === 0 ? [] : [finding("support", "unclear", text)];
}

/** Names by the reason that they share: "a and b (reason), c (another)". */
function byReason(items: readonly (readonly [name: string, reason: string | undefined])[]): string {
  const reasons = new Map<string, string[]>();
  for (const [name, reason = "no reason was given"] of items)
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  return list([...reasons].map(([reason, names]) => `${list(names)} (${reason})`));
}

const UNDEFINED = ["tpr", "fpr", "ppv", "npv"] as const satisfies RateName[];

/** Gaps that have no value, and groups that gaps leave out because a rate has none there. */
function undefinedMetrics(report: Report, name: string, { groups, gaps }: Attribute): Finding[] {
  const filled = Object.entries(groups).filter(([, of]) => of.count > 0);
  if (filled.length < 2) {
    const only = filled.map(([group]) => `: ${named(group)}`).join("");
    const text = `By ${named(name)} there is nothing to compare, which is neither fair nor unfair: ${count(filled.length)} group${filled.length === 1 ? "" : "s"} with rows${only}.`;
    return [finding("support", "unclear", text, 1)];
  }
  const missing = Object.entries(gaps).filter(([, gap]) => gap.value === null);
  const rates = groupsOf(report, name).flatMap(({ label, group, of }) =>
    UNDEFINED.filter((rate) => of[rate].value === null).map(
      (rate) =>
        [`${rateWords(rate)} of ${named(group)}${ofClass(label)}`, of[rate].reason] as const,
    ),
  );
  return [
    ...(missing.length > 0
      ? [
          finding(
            "support",
            "unclear",
            `Undefined by ${named(name)}, which is neither fair nor unfair: ${byReason(missing.map(([metric, gap]) => [metric, gap.reason]))}.`,
          ),
        ]
      : []),
    ...(rates.length > 0
      ? [
          finding(
            "support",
            "unclear",
            `Undefined by ${named(name)}, so that gaps say nothing of it: ${byReason(rates)}.`,
          ),
        ]
      : []),
  ];
}

/** From this share on, what is left out may change what is found. */
const MANY = 0.05;

const lost = (text: string, share: number): Finding =>
  share < MANY
    ? finding("support", "muted", text, -1)
    : finding(
        "lost",
        "unclear",
        `${text} That is ${percent(share)}: if those rows differ from the others, no number here holds for all of them.`,
        share,
      );

function leftOut({ source, n }: Report): Finding[] {
  const reasons = source?.leftOut.filter(({ rows }) => rows > 0) ?? [];
  if (!source || reasons.length === 0) return [];
  // rows of another split were not meant to be measured
  const missing = reasons.filter(({ reason }) => !reason.startsWith("split is not "));
  const rows = missing.reduce((sum, of) => sum + of.rows, 0);
  const why = reasons.map((of) => `${count(of.rows)} by ${named(of.column)} (${of.reason})`);
  const text = `${count(n)} of ${count(source.rows)} rows were measured; left out are ${list(why, 6)}.`;
  return [lost(text, rows / (n + rows))];
}

const missingGroups = ({ n }: Report, name: string, { missing }: Attribute): Finding[] =>
  missing === 0
    ? []
    : [
        lost(
          `${count(missing)} rows have no ${named(name)} and are in no number by it.`,
          missing / n,
        ),
      ];

export const support = (report: Report): Finding[] => [
  ...leftOut(report),
  ...Object.entries(report.attributes).flatMap(([name, attribute]) => [
    ...missingGroups(report, name, attribute),
    ...smallGroups(report, name, attribute),
    ...smallDenominators(report, name),
    ...undefinedMetrics(report, name, attribute),
  ]),
];
