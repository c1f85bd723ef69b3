/** @file What a model associates with whom: how near each group's images lie to texts, beside the other groups'. */
import { holm } from "../../eval/uncertainty/holm.ts";
import { twoSidedQuantile, twoSidedT } from "../../eval/uncertainty/student-t.ts";
import type { Estimate } from "../../eval/report/values.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { unitRows } from "../../run/linalg/embeddings.ts";
import type { Grouping } from "../grouping.ts";

/** One text, one group. */
export interface TextAssociation {
  readonly text: string;
  readonly attribute: string;
  readonly group: string;
  /** The other one of two groups; null where the others are several. */
  readonly versus: string | null;
  /** Among the rows of this group of another attribute alone; null for all rows. */
  readonly within: { readonly attribute: string; readonly group: string } | null;
  /** Of the group, and of those that it is held against. */
  readonly rows: number;
  readonly others: number;
  /** Mean cosine of the group less that of the others, with Welch's interval. */
  readonly gap: Estimate;
  /** The gap over the standard deviation of all these cosines: the effect size of a single text in WEAT. */
  readonly effect: number | null;
  /** Welch's t-test; `pHolm` is corrected for every text, group and part of the rows. */
  readonly pValue: number | null;
  readonly pHolm: number | null;
}

/** Groups of fewer rows are told of as small. */
const SMALL = 20;

/**
 * Every text against every group, largest effect first. d = (mean of A - mean of B) / s, s the standard deviation of
 * A and B together: Caliskan, Bryson and Narayanan 2017 (10.1126/science.aal4230), as for images in Steed and Caliskan
 * 2021 (2010.15052); the test is Welch's rather than theirs by permutation, so that small p-values stand correction.
 *
 * @param scores cosines of the rows with each text, by its name, [n]; NaN where missing
 * @param within attribute in whose groups the others are looked at once more
 */
export function textAssociations(
  scores: Readonly<Record<string, Float64Array>>,
  groupings: readonly Grouping[],
  { within, level = 0.95 }: { readonly within?: string | undefined; readonly level?: number } = {},
): TextAssociation[] {
  const parts = partsOf(groupings, within);
  const found = Object.entries(scores).flatMap(([text, of]) =>
    parts.flatMap(({ where, isIn, groupings: held }) =>
      held.flatMap((grouping) =>
        compared(grouping, isIn).map((pair) => ({
          text,
          attribute: grouping.name,
          group: pair.group,
          versus: pair.versus,
          within: where,
          ...gapOf(of, pair, level),
        })),
      ),
    ),
  );
  const tested = found.flatMap(({ pValue }, i) => (pValue === null ? [] : [{ i, pValue }]));
  const corrected = holm(tested.map(({ pValue }) => pValue));
  const pHolm = new Map(tested.map(({ i }, t) => [i, corrected[t]!]));
  return found
    .map((of, i) => ({ ...of, pHolm: pHolm.get(i) ?? null }))
    .toSorted((a, b) => Math.abs(b.effect ?? 0) - Math.abs(a.effect ?? 0));
}

/** Embeddings of several templates of each text, as one each: the mean of unit vectors. [texts, D] */
export function averageTemplates(embeddings: Embeddings, templates: number): Embeddings {
  const { n, d } = embeddings;
  const unit = unitRows({ ...embeddings, x: Float64Array.from(embeddings.x) });
  const x = new Float64Array((n / templates) * d);
  unit.x.forEach((value, i) => {
    const text = Math.floor(i / d / templates);
    x[text * d + (i % d)]! += value / templates;
  });
  return unitRows({ x, n: n / templates, d });
}

interface Part {
  readonly where: TextAssociation["within"];
  readonly isIn: (row: number) => boolean;
  readonly groupings: readonly Grouping[];
}

/** All rows; then those of each group of `within`, for the other attributes. */
function partsOf(groupings: readonly Grouping[], within: string | undefined): Part[] {
  const outer = groupings.find(({ name }) => name === within);
  const others = groupings.filter(({ name }) => name !== within);
  return [
    { where: null, isIn: () => true, groupings },
    ...(outer?.values ?? []).map((group, code) => ({
      where: { attribute: outer!.name, group },
      isIn: (row: number) => outer!.codes[row] === code,
      groupings: others,
    })),
  ];
}

interface Pair {
  readonly group: string;
  readonly versus: string | null;
  readonly rows: readonly number[];
  readonly others: readonly number[];
}

/** Each group against the others; of two the second against the first, for the other way round says the same. */
function compared({ values, codes }: Grouping, isIn: (row: number) => boolean): Pair[] {
  const byGroup = values.map((): number[] => []);
  codes.forEach((code, row) => {
    if (code >= 0 && isIn(row)) byGroup[code]!.push(row);
  });
  const present = [...values.keys()].filter((code) => byGroup[code]!.length > 0);
  if (present.length < 2) return [];
  if (present.length === 2) {
    const [first, second] = present as [number, number];
    return [
      {
        group: values[second]!,
        versus: values[first]!,
        rows: byGroup[second]!,
        others: byGroup[first]!,
      },
    ];
  }
  return present.map((code) => ({
    group: values[code]!,
    versus: null,
    rows: byGroup[code]!,
    others: present.flatMap((other) => (other === code ? [] : byGroup[other]!)),
  }));
}

function gapOf(
  scores: Float64Array,
  pair: Pair,
  level: number,
): Pick<TextAssociation, "rows" | "others" | "gap" | "effect" | "pValue"> {
  const [a, b] = [pair.rows, pair.others].map((rows) => momentsOf(scores, rows)) as [
    Moments,
    Moments,
  ];
  const sizes = { rows: a.n, others: b.n };
  if (a.n === 0 || b.n === 0)
    return {
      ...sizes,
      gap: { value: null, interval: null, reason: "no rows with a similarity" },
      effect: null,
      pValue: null,
    };
  const value = a.mean - b.mean;
  const n = a.n + b.n;
  const squares = a.squares + b.squares + (a.n * b.n * value * value) / n;
  const deviation = Math.sqrt(squares / (n - 1));
  const effect = deviation > 0 ? value / deviation : null;
  const few = Math.min(a.n, b.n);
  if (few < 2)
    return {
      ...sizes,
      gap: { value, interval: null, note: "a single row on one side" },
      effect,
      pValue: null,
    };
  const errors = [a, b].map((of) => of.squares / (of.n - 1) / of.n) as [number, number];
  const error = Math.sqrt(errors[0] + errors[1]);
  if (error === 0)
    return {
      ...sizes,
      gap: { value, interval: null, note: "all rows of each side are equally similar" },
      effect,
      pValue: null,
    };
  const df = Math.max(
    1,
    Math.floor(error ** 4 / (errors[0] ** 2 / (a.n - 1) + errors[1] ** 2 / (b.n - 1))),
  );
  const half = twoSidedQuantile(level, df) * error;
  return {
    ...sizes,
    gap: {
      value,
      interval: [value - half, value + half],
      ...(few < SMALL && { note: `only ${few} rows on one side` }),
    },
    effect,
    pValue: twoSidedT(value / error, df),
  };
}

interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Sum of squared deviations. */
  readonly squares: number;
}

function momentsOf(scores: Float64Array, rows: readonly number[]): Moments {
  const known = rows.filter((row) => !Number.isNaN(scores[row]));
  const n = known.length;
  const mean = known.reduce((sum, row) => sum + scores[row]!, 0) / (n || 1);
  return { n, mean, squares: known.reduce((sum, row) => sum + (scores[row]! - mean) ** 2, 0) };
}
