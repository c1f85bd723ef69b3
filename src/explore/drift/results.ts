/** @file The tables of study 000: similarities of every quadruplet, and their means. */
import { stringify } from "csv-stringify/sync";
import { type Nearest, nearestCounts } from "./nearest.ts";
import { AGES, type Similarities, type SpaceSimilarities } from "./similarities.ts";
import { type Space, SUMMARY_ORDER } from "./spaces.ts";

/** Three decimals, as in the table, so that its reader gets the same means. */
const rounded = (value: number): number => Number(value.toFixed(3));

/**
 * Three lines an activity, as study 000 has them: the neutral prompt (of faces: the label), the age it is held against, and how alike the two
 * are in every space, with three decimals. N/A where a prompt or picture is missing. Further spaces follow the six.
 */
export function resultsCsv({ quadruplets, spaces }: Similarities): string {
  const header = ["Quadruplet", "Prompt", ...spaces.map(({ space }) => space.column)];
  const lines = quadruplets.flatMap(({ name }, q) =>
    AGES.map((age, pair) => [
      name,
      age,
      ...spaces.map(({ values }) => {
        const value = values[q]![pair]!;
        return value === null ? "N/A" : value.toFixed(3).replace(/^-(0\.000)$/, "$1");
      }),
    ]),
  );
  return stringify([header, ...lines]);
}

/** A space's line of the summary. */
export interface SummaryRow {
  readonly space: Space;
  /** Why it has no numbers; null where it has some. */
  readonly reason: string | null;
  /** Means of the table's columns for neutral against young, middle and older; null without a value. */
  readonly means: readonly (number | null)[];
  /** How many values each mean is of. */
  readonly counts: readonly number[];
  /** What the column Chi2 is of. */
  readonly nearest: Nearest;
}

/** Study 000's summary, in its order: one line a space, means of the columns of `resultsCsv` per age. */
export function summaryOf({ spaces }: Similarities): SummaryRow[] {
  const place = ({ space }: SpaceSimilarities): number =>
    SUMMARY_ORDER.includes(space.key) ? SUMMARY_ORDER.indexOf(space.key) : SUMMARY_ORDER.length;
  return spaces.toSorted((a, b) => place(a) - place(b)).map(summaryRow);
}

function summaryRow({ space, reason, values }: SpaceSimilarities): SummaryRow {
  const columns = AGES.map((_, pair) =>
    values.flatMap((pairs) => (pairs[pair] === null ? [] : [rounded(pairs[pair]!)])),
  );
  return {
    space,
    reason,
    means: columns.map((column) =>
      column.length === 0 ? null : column.reduce((sum, value) => sum + value, 0) / column.length,
    ),
    counts: columns.map(({ length }) => length),
    nearest: nearestCounts(values),
  };
}
