/** @file Subsets of rows: so many per class, so many per split, a part of a range. */
import { UsageError } from "../run/errors.ts";
import { random } from "../run/random.ts";
import { apportion } from "./assign.ts";
import { byId, cellsOf, valueOf } from "./cells.ts";
import { type Row, SPLITS } from "./row.ts";
import type { PerSplit } from "./split.ts";

/** The rows with these ids, in their order. */
const keep = (rows: readonly Row[], chosen: readonly Row[]): Row[] => {
  const ids = new Set(chosen.map((row) => row.id));
  return rows.filter((row) => ids.has(row.id));
};

/**
 * Exactly `perValue[split]` rows for each value of `attribute` in every split named, drawn without replacement; splits that
 * are not named stay whole. Throws UsageError when a value has too few rows.
 */
export function sampleBalanced(
  rows: readonly Row[],
  attribute: string,
  perValue: PerSplit,
  seed: number,
): Row[] {
  const chosen = SPLITS.flatMap((split) => {
    const members = rows.filter((row) => row.split === split);
    const size = perValue[split];
    if (size === undefined) return members;
    return cellsOf(members, [attribute]).flatMap((cell) => {
      const value = cell.values[0]!;
      if (cell.rows.length < size) {
        throw new UsageError(
          `sample: expected ${size} rows with ${attribute}=${value} in ${split}, received ${cell.rows.length}; ask for fewer`,
        );
      }
      return random(seed, "sample", split, attribute, value).shuffle(cell.rows).slice(0, size);
    });
  });
  return keep(rows, chosen);
}

/** At most `limits[split]` rows in every split named, in the proportions of the cells of `stratify`. */
export function limitSplits(
  rows: readonly Row[],
  limits: PerSplit,
  stratify: readonly string[],
  seed: number,
): Row[] {
  const chosen = SPLITS.flatMap((split) => {
    const members = rows.filter((row) => row.split === split);
    const limit = limits[split];
    if (limit === undefined || members.length <= limit) return members;
    const cells = cellsOf(members, stratify);
    const kept = limit / members.length;
    const quotas = apportion(
      cells.map((cell) => cell.rows.length),
      [kept, 1 - kept],
    );
    return cells.flatMap((cell, i) =>
      random(seed, "limit", split, ...cell.values)
        .shuffle(cell.rows)
        .slice(0, quotas[i]![0]),
    );
  });
  return keep(rows, chosen);
}

/** A range of a number or one label of an attribute, and the share of its rows that stays. */
export interface Thinning {
  readonly attribute: string;
  /** The label, or the lowest and highest number (inclusive) the rule is for. */
  readonly match: string | readonly [number, number];
  /** 0 drops all of them, 1 keeps all. */
  readonly keep: number;
}

/** Keeps a seeded part of the rows that each rule matches, and all that none does; the first rule that matches counts. */
export function thin(rows: readonly Row[], rules: readonly Thinning[], seed: number): Row[] {
  const matched = rules.map((): Row[] => []);
  const chosen: Row[] = [];
  for (const row of byId(rows)) {
    const rule = rules.findIndex((one) => matches(row, one));
    (matched[rule] ?? chosen).push(row);
  }
  matched.forEach((members, i) => {
    const size = Math.round(members.length * rules[i]!.keep);
    chosen.push(...random(seed, "thin", i).shuffle(members).slice(0, size));
  });
  return keep(rows, chosen);
}

function matches(row: Row, { attribute, match }: Thinning): boolean {
  const value = valueOf(row, attribute);
  if (typeof match === "string") return value === match;
  if (Number.isNaN(Number(value)))
    throw new UsageError(
      `thin: ${attribute} is "${value}" of ${row.id}, expected a number to be within [${match.join(", ")}]; give a label as match`,
    );
  return Number(value) >= match[0] && Number(value) <= match[1];
}

/** The part of the rows that is worked with. */
export interface Selection {
  /** Rows from the start, in their order; undefined for all. */
  readonly first?: number | undefined;
  /** Of those. */
  readonly thin: readonly Thinning[];
}

/**
 * The first rows, thinned: such as the first 8,000 names of a listing without the old.
 * @throws UsageError when an attribute is unknown, or nothing is left
 */
export function selectRows(
  rows: readonly Row[],
  { first, thin: rules }: Selection,
  seed: number,
): Row[] {
  const selected = thin(rows.slice(0, first), rules, seed);
  if (selected.length === 0)
    throw new UsageError(
      `data.select: expected rows, received none of ${rows.slice(0, first).length}`,
    );
  return selected;
}
