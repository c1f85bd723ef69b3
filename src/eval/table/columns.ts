/** @file Which columns of a table hold what. */
import { UsageError } from "../../run/errors.ts";
import { nearest } from "../../run/suggest.ts";

/** Names of columns, by what they hold. */
export interface TableColumns {
  readonly truth: string;
  /** Predicted labels; not needed where a score and a threshold say what is predicted. */
  readonly predicted?: string | undefined;
  /** Labels that an earlier model predicted for the same rows. */
  readonly before?: string | undefined;
  /** Score of the positive class; of more than two classes, the confidence in the predicted one. */
  readonly score?: string | undefined;
  /** Beginning of the names of score columns, one for each class: `score_` of `score_cat` and `score_dog`. */
  readonly scores?: string | undefined;
  /** Sensitive attributes. */
  readonly groups: readonly string[];
  readonly weight?: string | undefined;
  /** Rows of one value belong together, such as those of one person. */
  readonly cluster?: string | undefined;
  /** Names of the rows. */
  readonly id?: string | undefined;
  /** Split of each row, such as `validation` or `test`. */
  readonly split?: string | undefined;
}

/** The roles of a single column each. */
export const ROLES = [
  "truth",
  "predicted",
  "before",
  "score",
  "weight",
  "cluster",
  "id",
  "split",
] as const;

const MOST_NAMED = 40;

/** Names for a message, on one line whatever they hold. */
export function listed(names: readonly string[]): string {
  const shown = names
    .slice(0, MOST_NAMED)
    .map((name) => (/[\n\r\t]/.test(name) ? JSON.stringify(name) : name));
  const more = names.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

/**
 * Checks that every column is there, and once.
 * @param names of the columns that there are
 * @returns the classes that have a column of scores
 * @throws UsageError
 */
export function chooseColumns(
  path: string,
  columns: TableColumns,
  names: readonly string[],
): readonly string[] {
  const prefix = columns.scores;
  const scored =
    prefix === undefined ? [] : names.filter((name) => name.startsWith(prefix) && name !== prefix);
  if (prefix !== undefined && scored.length === 0)
    throw new UsageError(
      `${path}: no column begins with "${prefix}", to hold the scores of a class; the columns are ${listed(names)}`,
    );
  const single = ROLES.map((role) => columns[role]).filter((name) => name !== undefined);
  checkThere(path, [...single, ...columns.groups, ...scored], names);
  return scored.map((name) => name.slice(prefix!.length));
}

/** Throws a UsageError for a column that is not there, or is there twice. */
export function checkThere(
  path: string,
  wanted: readonly string[],
  names: readonly string[],
): void {
  for (const name of wanted) {
    if (!names.includes(name)) {
      const near = nearest(name, names);
      const meant = near === undefined ? "" : `, did you mean "${near}"?`;
      throw new UsageError(
        `${path}: there is no column "${name}"${meant}; ${names.length === 1 ? `the only one is ${listed(names)}: are columns parted by commas in .csv, by tabs in .tsv?` : `the columns are ${listed(names)}`}`,
      );
    }
    if (names.indexOf(name) !== names.lastIndexOf(name))
      throw new UsageError(`${path}: column "${name}" is there twice; rename one of them`);
  }
}
