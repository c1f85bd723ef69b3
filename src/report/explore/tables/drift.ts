/** @file A drift study as tables: study 000's summary, differences with their tests, categories, all pairs. */
import type { FaceDrift } from "../../../explore/drift/faces.ts";
import type { Pictures } from "../../../explore/drift/manifest.ts";
import type { Match } from "../../../explore/drift/matching.ts";
import type { SummaryRow } from "../../../explore/drift/results.ts";
import { AGES, type Age, PAIRS, type Similarities } from "../../../explore/drift/similarities.ts";
import {
  type Comparison,
  COMPARISONS,
  type DriftStatistics,
  type Test,
} from "../../../explore/drift/statistics.ts";
import { count, decimal, interval, pValue, signed, some, undefinedFor } from "../../format.ts";
import { capital } from "../../words.ts";
import { type Cell, type Table, cell, left, right } from "../../tables/table.ts";
import type { DriftRow } from "../charts/drift.ts";

/** Fewer activities, or faces of a cell, say little. */
const FEW = 10;
const LEVEL = 0.05;
const MOST = 20;

/** The test that decides: of ranks where activities are drawn, of resamples where faces are. */
export const decisive = ({ signedRank, resampled }: Comparison): Test | null =>
  signedRank ?? resampled;

/** Whether both say that it is no chance: an interval on one side of 0, and a corrected p-value below 0.05. */
export const isEvident = (of: Comparison): boolean =>
  of.interval !== null &&
  (of.interval[0] > 0 || of.interval[1] < 0) &&
  (decisive(of)?.pHolm ?? 1) < LEVEL;

/** "young − older": above 0 where the neutral prompt is nearer to young. */
export const differenceOf = ([first, second]: readonly [Age, Age]): string =>
  `${first} − ${second}`;

/** Without a reason where the row has said it already. */
const undefinedCell = (reason: string | null): Cell =>
  cell(reason === null ? "n/a" : undefinedFor(reason), undefined, "muted");

/** Study 000's summary table; its column Chi2 is filled. */
export const summaryTable = (rows: readonly SummaryRow[]): Table => ({
  title: "How alike the neutral prompt and each age are",
  columns: [
    left("of"),
    left("Metric"),
    left("Modulo"),
    ...AGES.map((age) => right(`Neutral vs ${capital(age)}`)),
    right("Chi2"),
  ],
  rows: rows.map(({ space, reason, means, counts, nearest }) => [
    cell(space.row, undefined, "strong"),
    cell(space.metric),
    cell(space.modulo),
    ...means.map((mean, age) =>
      mean === null
        ? undefinedCell(age === 0 ? (reason ?? "no values") : reason === null ? "no values" : null)
        : cell(decimal(mean), `n ${count(counts[age]!)}`),
    ),
    nearest.chi2 === null || nearest.pValue === null
      ? undefinedCell(reason === null ? (nearest.reason ?? "no values") : null)
      : cell(
          decimal(nearest.chi2),
          `nearest ${AGES.map((age) => `${age} ${count(nearest.counts[age])}`).join(", ")}; p ${pValue(nearest.pValue)}`,
        ),
  ]),
  notes: [
    "Means of the columns of the table of quadruplets, which has three decimals.",
    "Chi2: how often each age is the nearest one, against a third each (exact p-value up to 2,000 activities).",
    ...rows.flatMap(({ space, nearest: { ties } }) =>
      ties > 0
        ? [`${capital(space.words)}: ${count(ties)} with two nearest ages, not counted.`]
        : [],
    ),
  ],
});

const differenceCell = (of: Comparison): Cell =>
  of.mean === null
    ? undefinedCell("no values")
    : cell(
        signed(of.mean),
        [interval(of.interval, signed), of.n < FEW ? `n ${of.n}` : ""].filter(Boolean).join(" "),
        isEvident(of) ? "strong" : undefined,
      );

const testCell = (test: Test | null): Cell =>
  test === null ? undefinedCell("no differences") : cell(pValue(test.pHolm), pValue(test.pValue));

/** Every space and comparison, with intervals, effects and tests. */
export function comparisonTable({
  comparisons,
  resampled,
  level,
  replicates,
}: DriftStatistics): Table {
  const isFaces = resampled === "faces";
  return {
    title: "Which age the neutral prompt is nearer to",
    columns: [
      left("space"),
      left("difference"),
      right("mean"),
      right("nearer to the first, the second"),
      ...(isFaces
        ? [right("p, corrected")]
        : [
            right("effect"),
            right("rank-biserial"),
            right("signed-rank p, corrected"),
            right("sign-flip p, corrected"),
          ]),
    ],
    rows: comparisons.map((of) => [
      cell(capital(of.space.words), undefined, "strong"),
      cell(differenceOf(of.ages)),
      differenceCell(of),
      cell(of.nearer.map(count).join(", "), `of ${count(of.n)}`),
      ...(isFaces
        ? [testCell(of.resampled)]
        : [
            of.effect === null ? undefinedCell("no spread") : cell(signed(of.effect)),
            of.rankBiserial === null
              ? undefinedCell("no differences")
              : cell(signed(of.rankBiserial)),
            testCell(of.signedRank),
            testCell(of.signFlip),
          ]),
    ]),
    notes: [
      `Similarity to the first age minus similarity to the second, per ${isFaces ? "label" : "activity"}; intervals (${100 * level}%) by drawing ${resampled} ${count(replicates)} times.`,
      isFaces
        ? "p-values: the mean in standard errors of its resamples; corrected for all lines of this table (Holm)."
        : "Effect: mean over standard deviation. Tests: Wilcoxon's of signed ranks, and random signs; corrected for all lines of this table (Holm).",
    ],
  };
}

/** One table a space: differences by category of activity, or by label of faces. */
export function categoryTables({ byCategory, resampled }: DriftStatistics): Table[] {
  const spaces = [...new Set(byCategory.map(({ space }) => space))];
  return spaces.map((space) => {
    const own = byCategory.filter((of) => of.space === space);
    const categories = [...new Set(own.map(({ category }) => category))];
    return {
      title: `By ${resampled === "faces" ? "label" : "category"}: ${space.words}`,
      columns: [
        left(resampled === "faces" ? "label" : "category"),
        ...(resampled === "faces" ? [] : [right("activities")]),
        ...COMPARISONS.map((ages) => right(differenceOf(ages))),
      ],
      rows: categories.map((category) => {
        const of = own.filter((one) => one.category === category);
        return [
          cell(category ?? "", undefined, "strong"),
          ...(resampled === "faces" ? [] : [cell(count(Math.max(...of.map(({ n }) => n))))]),
          ...of.map((one) => differenceCell(resampled === "faces" ? { ...one, n: FEW } : one)),
        ];
      }),
      notes: [
        "In bold: an interval without 0 and p below 0.05, corrected for all categories and spaces (Holm).",
        ...(resampled === "activities" && own.some(({ n }) => n < FEW)
          ? [`Fewer than ${FEW} activities (n) say little.`]
          : []),
      ],
    };
  });
}

/** Means of all six pairs: how far ages lie apart is the scale for how far the neutral prompt lies from them. */
export function pairTable({ pairs, level }: DriftStatistics): Table {
  const spaces = [...new Set(pairs.map(({ space }) => space))];
  return {
    title: "All pairs of groups",
    columns: [left("space"), ...PAIRS.map((groups) => right(groups.join(" – ")))],
    rows: spaces.map((space) => [
      cell(capital(space.words), undefined, "strong"),
      ...pairs
        .filter((of) => of.space === space)
        .map(({ mean, interval: ends }) =>
          mean === null ? undefinedCell("no values") : cell(decimal(mean), interval(ends)),
        ),
    ]),
    notes: [`Mean similarities with ${100 * level}% intervals.`],
  };
}

/** Cosines of the first pictures with their own prompts. */
export const matchTable = (matches: readonly Match[]): Table => ({
  title: "Pictures and their own prompts",
  columns: [left("picture"), left("prompt"), right("cosine")],
  rows: matches.map(({ picture, prompt, cosine }) => [
    cell(picture),
    cell(prompt),
    cosine === null ? undefinedCell("no embedding") : cell(decimal(cosine)),
  ]),
  notes: [],
});

/** Prompts without pictures; null where there are none. */
export const missingTable = ({ missing }: Pick<Pictures, "missing">): Table | null =>
  missing.length === 0
    ? null
    : {
        title: "Pictures that are missing",
        columns: [left("prompt"), left("why")],
        rows: missing
          .slice(0, MOST)
          .map(({ prompt, reason }) => [cell(prompt.text), cell(reason, undefined, "muted")]),
        notes: [
          "Their values are N/A; all others are computed.",
          ...(missing.length > MOST ? [`${count(missing.length - MOST)} more are missing.`] : []),
        ],
      };

/** How many faces each label and age has. */
export const supportTable = ({
  support,
  leftOut,
}: Pick<FaceDrift, "support" | "leftOut">): Table => ({
  title: "Faces",
  columns: [left("label"), ...AGES.map((age) => right(age))],
  rows: support.map(({ label, counts }) => [
    cell(label, undefined, "strong"),
    ...AGES.map((age) => cell(count(counts[age]), counts[age] < FEW ? "few" : undefined)),
  ]),
  notes: leftOut > 0 ? [`${count(leftOut)} faces have no label, or an age of no band.`] : [],
});

/** For the chart of differences. */
export const chartRows = ({ comparisons }: DriftStatistics): DriftRow[] =>
  comparisons.map(({ space, ages, mean, interval: ends }) => ({
    space: capital(space.words),
    difference: differenceOf(ages),
    mean,
    interval: ends,
  }));

/** What stands above the four pictures of a quadruplet, in the order of GROUPS: the neutral one has no values. */
export function panelValues(
  { spaces }: Similarities,
  quadruplet: number,
): { name: string; values: { name: string; value: number | null }[] }[] {
  const there = spaces.filter(({ reason }) => reason === null);
  return [
    { name: "neutral", values: [] },
    ...AGES.map((age, pair) => ({
      name: age,
      values: there.map(({ space, values }) => ({
        name: space.column,
        value: values[quadruplet]![pair]!,
      })),
    })),
  ];
}

/** Spaces that are not there, one line each. */
export const absentNotes = ({ spaces }: Similarities): string[] =>
  spaces.flatMap(({ space, reason, without }) => {
    if (reason !== null) return [`${capital(space.words)}: ${reason}.`];
    return without.length === 0
      ? []
      : [
          `${capital(space.words)}: ${space.of === "texts" ? "prompts" : "pictures"} without an embedding: ${count(without.length)} (${some(without)}).`,
        ];
  });
