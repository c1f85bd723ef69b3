/** @file Clusters and groups as tables: who is where, how closely, who dominates, and what changed. */
import type { ChangeMeasure, Changed, ClusterChange } from "../../../explore/audit/change.ts";
import { CHANGE_MEASURES } from "../../../explore/audit/change.ts";
import type { ClusterGroups, GroupInCluster } from "../../../explore/audit/cluster-groups.ts";
import type { Dominance } from "../../../explore/audit/dominance.ts";
import type { CorrectedShares } from "../../../explore/audit/predicted.ts";
import type { QueryChange } from "../../../explore/audit/query-change.ts";
import type { PredictedBy } from "../../../explore/grouping.ts";
import type { Estimate } from "../../../eval/report/values.ts";
import {
  count,
  decimal,
  interval,
  percent,
  pValue,
  signed,
  some,
  undefinedFor,
} from "../../format.ts";
import { type Cell, type Table, cell, left, right } from "../../tables/table.ts";
import { gapCell, notesOf } from "../../tables/values.ts";

/** What a cluster is called in tables, such as "3 (cat, dog)". */
export type ClusterLabel = (cluster: number) => string;
export const byNumber: ClusterLabel = (cluster) => (cluster < 0 ? "none" : String(cluster));

/** A number as a share, "12.3%", with its interval. */
export const shareCell = (
  { value, interval: ends, reason }: Estimate,
  tone?: Cell["tone"],
): Cell =>
  value === null
    ? cell(undefinedFor(reason), undefined, "muted")
    : cell(percent(value), interval(ends, percent), tone);

/** By chance so far off in at most 5% of the tables, all their cells together. */
export const isBeyondChance = ({ pHolm }: { readonly pHolm: number | null }): boolean =>
  (pHolm ?? 1) <= 0.05;

/** A model errs less on rows that it learnt from than where its errors were counted. */
export const seenNote = (attribute: string, { model, seen }: PredictedBy): string =>
  `${count(seen)} of the rows have names of rows that ${model} was trained on or chosen by: it errs less there than its errors say, and corrections of ${attribute} for these go too far.`;

/** Where labels come from, when not from the data. */
const sourceNote = (attribute: string, by: PredictedBy | null): string[] =>
  by === null
    ? []
    : [
        `${attribute} is told by ${by.model}, not read from labels; its errors were counted on ${count(by.rows)} rows.`,
        ...(by.seen > 0 ? [seenNote(attribute, by)] : []),
      ];

const MOST_GROUPS = 5;

const groupCell = (of: GroupInCluster): Cell => {
  if (of.share.value === null) return cell("", undefined, "muted");
  const { value, interval: ends } = of.lift;
  const lift = value === null ? "" : `lift ${decimal(value)} ${interval(ends)}`;
  const isOver = isBeyondChance(of) && (value ?? 1) > 1;
  return cell(percent(of.share.value), lift, isOver ? "strong" : undefined);
};

/** Shares of the groups in each cluster, beside those of all rows; of many groups, the most over-represented. */
export function compositionTable(table: ClusterGroups, label: ClusterLabel = byNumber): Table {
  const { attribute, groups, clusters, missing, noise, predicted, association, level } = table;
  const isWide = groups.length > MOST_GROUPS;
  const small = clusters.filter(({ note }) => note !== undefined);
  const evenness = (of: (typeof clusters)[number]): Cell =>
    of.evenness.entropy === null
      ? cell("", undefined, "muted")
      : cell(decimal(of.evenness.entropy));
  return {
    title: `Clusters by ${attribute}`,
    columns: [
      left("cluster"),
      right("rows"),
      ...(isWide
        ? ["most over-represented", "then"].map(left)
        : groups.map(({ group }) => right(group))),
      right("entropy"),
    ],
    rows: [
      [
        cell("all", undefined, "strong"),
        cell(count(table.rows)),
        ...(isWide ? [cell(""), cell("")] : groups.map(({ share }) => cell(percent(share)))),
        cell(""),
      ],
      ...clusters.map((of) => [
        cell(label(of.cluster), undefined, "strong"),
        cell(count(of.rows)),
        ...(isWide ? mostOver(of.groups) : of.groups.map(groupCell)),
        evenness(of),
      ]),
    ],
    notes: [
      `Lift: share in the cluster over share of all rows, with ${percent(level).replace(".0%", "%")} intervals for the clusters as they are.`,
      ...sourceNote(attribute, predicted),
      ...(missing > 0
        ? [`${count(missing)} rows have no ${attribute} and are left out here.`]
        : []),
      ...(noise > 0 ? [`${count(noise)} rows are in no cluster.`] : []),
      ...(small.length > 0
        ? [`${some(small.map(({ cluster }) => `cluster ${label(cluster)}`))}: ${small[0]!.note}`]
        : []),
      ...(association.note === undefined ? [] : [association.note]),
    ],
  };
}

function mostOver(groups: readonly GroupInCluster[]): Cell[] {
  const found = groups
    .filter(({ lift }) => (lift.value ?? 0) > 1)
    .toSorted((a, b) => (a.pValue ?? 1) - (b.pValue ?? 1))
    .slice(0, 2)
    .map((of) => {
      const { text, detail, tone } = groupCell(of);
      return cell(`${of.group} ${text}`, detail, tone);
    });
  return [...found, ...Array.from({ length: 2 - found.length }, () => cell(""))];
}

/** How closely clusters follow each attribute. */
export const associationTable = (tables: readonly ClusterGroups[]): Table => ({
  title: "How closely clusters follow groups",
  columns: [
    left("attribute"),
    right("rows"),
    right("Cramer's V, corrected"),
    right("chi-square"),
    right("p, corrected"),
    right("explained"),
    right("ARI"),
  ],
  rows: tables.map(({ attribute, rows, association: of }) => [
    cell(attribute, undefined, "strong"),
    cell(count(rows)),
    of.reason === undefined
      ? gapCell(of.cramersVCorrected)
      : cell(undefinedFor(of.reason), undefined, "muted"),
    of.chiSquare === null ? cell("") : cell(decimal(of.chiSquare), `df ${count(of.degrees)}`),
    of.pHolm === null ? cell("") : cell(pValue(of.pHolm)),
    of.explained === null ? cell("") : cell(percent(of.explained)),
    of.adjustedRand === null ? cell("") : cell(decimal(of.adjustedRand)),
  ]),
  notes: [
    "V: 0 independent to 1, without its bias of small tables (Bergsma 2013). Explained: share of the variance of the groups (Goodman and Kruskal's tau). ARI: 1 where clusters are the groups, 0 by chance.",
    `p: share of ${count(tables[0]?.association.permutations ?? 0)} permutations of the labels, and this one, with a chi-square at least as large; corrected for all attributes (Holm).`,
  ],
});

/** Groups that dominate a cluster. */
export const dominanceTable = (
  { flags, tooSmall, limits }: Dominance,
  label: ClusterLabel = byNumber,
): Table => ({
  title: "Clusters that one group dominates",
  columns: [
    left("cluster"),
    left("group"),
    right("share"),
    right("of all rows"),
    right("lift"),
    right("p, corrected"),
  ],
  rows: flags.map((flag) => [
    cell(label(flag.cluster), `${count(flag.size)} rows`, "strong"),
    cell(`${flag.attribute} ${flag.group}`),
    cell(percent(flag.share.value!), `${count(flag.rows)} of ${count(flag.size)}`, "broken"),
    cell(percent(flag.overall)),
    gapCell(flag.lift),
    cell(flag.pHolm === null ? "" : pValue(flag.pHolm)),
  ]),
  notes: [
    `Flagged: over-represented beyond chance (p at most ${limits.level}, corrected for all cells), with a share of at least ${percent(limits.share)} or a lift of at least ${decimal(limits.lift)}, in clusters of at least ${count(limits.minSize)} rows.`,
    ...(flags.length === 0
      ? [
          "No cluster is. That is no proof that there is none: small clusters show only large differences.",
        ]
      : []),
    ...tooSmall.map(
      ({ attribute, clusters }) =>
        `Too small to be flagged by ${attribute}: ${some(clusters.map((c) => `cluster ${label(c)}`))}.`,
    ),
  ],
});

/** How often the model that tells an attribute is right. */
export const recallTable = ({
  attribute,
  by,
  groups,
  reason,
  assumption,
  amplification,
}: CorrectedShares): Table => ({
  title: `How well ${attribute} is told`,
  columns: [
    left(attribute),
    right("told right"),
    ...groups.map(({ group }) => right(`told ${group}`)),
  ],
  rows: groups.map(({ group, recall }, g) => [
    cell(group, undefined, "strong"),
    shareCell(recall),
    ...groups.map((_, told) => cell(count(by.confusion[g * groups.length + told]!))),
  ]),
  notes: [
    ...sourceNote(attribute, by),
    reason === null
      ? `Shares of clusters are corrected for these errors, by which those of counting grow up to ${decimal(amplification!)} times; the correction ${assumption}.`
      : `Shares of clusters cannot be corrected for these errors: ${reason}.`,
  ],
});

/** Shares as a model tells them, and as they are if it errs as it did where its errors were counted. */
export const correctedTable = (
  { attribute, by, all, clusters, assumption }: CorrectedShares,
  label: ClusterLabel = byNumber,
): Table => ({
  title: `Clusters by ${attribute}, corrected for the model's errors`,
  columns: [
    left("cluster"),
    left(attribute),
    right("as told"),
    right("corrected"),
    right("lift, corrected"),
  ],
  rows: [["all", all] as const, ...clusters.map((of, c) => [label(c), of] as const)].flatMap(
    ([name, of], part) =>
      of.map(({ group, observed, corrected, lift }, g) => [
        cell(g === 0 ? name : "", undefined, "strong"),
        cell(group),
        cell(observed === null ? "" : percent(observed)),
        shareCell(corrected),
        part === 0 ? cell("") : gapCell(lift),
      ]),
  ),
  notes: [
    ...sourceNote(attribute, by),
    `Intervals hold the uncertainty of both, clusters and error rates; the correction ${assumption}.`,
    ...notesOf(
      clusters.flatMap((of, c) =>
        of.map(({ group, corrected }) => [`${label(c)} ${group}`, corrected.note] as const),
      ),
    ),
  ],
});

/** @param tone of every change; by default less is better: clusters follow groups less */
const changedCells = ({ before, after, change }: Changed, tone?: Cell["tone"]): Cell[] => [
  gapCell(before),
  gapCell(after),
  change.value === null
    ? cell(undefinedFor(change.reason), undefined, "muted")
    : cell(signed(change.value), interval(change.interval, signed), tone ?? toneOf(change)),
];

function toneOf({ interval: ends }: Estimate): Cell["tone"] {
  if (ends === null || (ends[0] <= 0 && ends[1] >= 0)) return "unclear";
  return ends[1] < 0 ? "better" : "worse";
}

/** How closely clusters follow an attribute, before and after. */
export const changeTable = ({
  attribute,
  rows,
  measures,
  lifts,
  agreement,
}: ClusterChange): Table => ({
  title: `Before and after, by ${attribute}`,
  columns: [left("measure"), right("before"), right("after"), right("change")],
  rows: [
    ...(Object.keys(measures) as ChangeMeasure[]).map((name) => [
      cell(CHANGE_MEASURES[name], undefined, "strong"),
      ...changedCells(measures[name]),
    ]),
    ...lifts.map(({ group, ...of }) => [cell(`largest lift of ${group}`), ...changedCells(of)]),
  ],
  notes: [
    `Of the same ${count(rows)} rows, resampled in pairs; the clusters are taken as given.`,
    "V, the share of the groups' variance that clusters explain, and the mean of ln(lift) over rows are without their bias of small tables. Less means that clusters follow the groups less.",
    ...(agreement === null
      ? []
      : [`The two clusterings agree by ${decimal(agreement)} (adjusted Rand index).`]),
  ],
});

/** Who is found first for a text, before and after. */
export const queryChangeTable = ({
  query,
  attribute,
  k,
  rows,
  maxSkew,
  shares,
}: QueryChange): Table => ({
  title: `${query}, before and after, by ${attribute}`,
  columns: [
    left("measure"),
    right("of all rows"),
    right("before"),
    right("after"),
    right("change"),
  ],
  rows: [
    [cell(`max_skew@${k}`, undefined, "strong"), cell(""), ...changedCells(maxSkew)],
    ...shares.map(({ group, prior, ...of }) => [
      cell(`share of ${group}`),
      cell(percent(prior)),
      ...changedCells(of, "unclear"),
    ]),
  ],
  notes: [
    `Of the first ${count(k)} of the same ${count(rows)} rows, resampled in pairs. max_skew: the largest ln(share of the first / share of all); less is more even.`,
  ],
});
