/** @file How many rows each cell should have: the balancing methods, on counts alone. */
import { UsageError } from "../run/errors.ts";
import { random } from "../run/random.ts";
import { groupBy } from "./cells.ts";
import { median } from "./distributions.ts";
import { level, sum } from "./level.ts";

/** A cell of the balanced attributes: one value each, and its rows. */
export interface Count {
  readonly values: readonly string[];
  readonly count: number;
}

/** Levels the attributes in order: the first over everything, the second within each value of the first, and so on. */
export interface Priority {
  readonly method: "priority" | "undersample-only";
  readonly attributes: readonly string[];
  /**
   * How far apart the values of each attribute may stay, in rows or, below 1, as a share of all rows; 0 where not given,
   * Infinity for as they fall.
   */
  readonly tolerances?: readonly number[];
  /**
   * Rows wanted in all: as many as there are (default), as many as the smallest cell times the cells (default of
   * `undersample-only`), or a number.
   */
  readonly total?: "keep" | "smallest" | number;
  readonly compat?: boolean;
}

/** The study's first approach: level the images per age, taking from or adding to its (gender, race) pairs. */
export interface AgeFirst {
  readonly method: "age-first";
  /** The number to level, then the attributes whose pairs give and take. */
  readonly attributes: readonly string[];
  /** Ages with more than median + uniform(0, slack) images are cut to that; default 15. */
  readonly slack?: number;
  /** Ages with fewer than median - floor images are filled to that; default 5. */
  readonly floor?: number;
  /** Ages above are not filled; default 90. */
  readonly cap?: number;
  readonly compat?: boolean;
}
export type Balancing = Priority | AgeFirst;

/**
 * The number of rows wanted in each of `cells`, in their order.
 *
 * @param cells all different, none empty
 * @param copies the most augmented copies of a row; Infinity for no limit
 */
export function quotas(
  cells: readonly Count[],
  balancing: Balancing,
  copies: number,
  seed: number,
): number[] {
  const wanted = new Map<Count, number>();
  const set = (cell: Count, quota: number): void => void wanted.set(cell, quota);
  if (balancing.method === "age-first") ageFirst(cells, balancing, copies, seed, set);
  else priority(cells, balancing, copies, set);
  return cells.map((cell) => wanted.get(cell)!);
}

type SetQuota = (cell: Count, quota: number) => void;

const rowsIn = (cells: readonly Count[]): number => sum(cells.map(({ count }) => count));

const TOTALS = { priority: "keep", "undersample-only": "smallest" } as const;

function priority(
  cells: readonly Count[],
  { method, attributes, tolerances = [], total = TOTALS[method] }: Priority,
  copies: number,
  set: SetQuota,
): void {
  const smallest = Math.min(...cells.map(({ count }) => count));
  const totals = { keep: rowsIn(cells), smallest: smallest * cells.length };
  const wanted = typeof total === "number" ? total : totals[total];
  const apart = tolerances.map((t) => (t < 1 ? Math.round(t * totals.keep) : t));

  const share = (members: readonly Count[], depth: number, quota: number): void => {
    if (depth === attributes.length) return set(members[0]!, quota);
    const parts = [...groupBy(members, ({ values }) => values[depth]!).values()];
    const counts = parts.map(rowsIn);
    const caps = counts.map((count) => count * (1 + copies));
    // on top no value takes over what another cannot be filled with: that would unlevel what comes first
    const free = depth === 0 ? counts.map(() => Infinity) : caps;
    const leveled = level(counts, free, quota, apart[depth] ?? 0);
    parts.forEach((part, i) => share(part, depth + 1, Math.min(leveled[i]!, caps[i]!)));
  };
  share(cells, 0, wanted);
}

function ageFirst(
  cells: readonly Count[],
  { slack = 15, floor = 5, cap = 90 }: AgeFirst,
  copies: number,
  seed: number,
  set: SetQuota,
): void {
  const ages = new Map(
    [...groupBy(cells, ({ values }) => values[0]!)].map(([age, members]) => [Number(age), members]),
  );
  const known = [...ages.keys()];
  if (!known.every(Number.isInteger)) {
    throw new UsageError(
      `balance: age-first levels whole numbers such as age, received ${cells[0]!.values[0]}; name the number first in attributes`,
    );
  }
  const first = Math.min(...known);
  const perAge = Array.from({ length: Math.max(...known) - first + 1 }, (_, i) =>
    rowsIn(ages.get(first + i) ?? []),
  );
  const middle = median(perAge.toSorted((a, b) => a - b)); // ages without images count

  for (const [age, members] of ages) {
    const count = rowsIn(members);
    const most = Math.floor(middle + random(seed, "age-first", age).uniform(0, slack));
    const least = age <= cap ? Math.ceil(middle - floor) : 0;
    const counts = members.map((member) => member.count);
    const caps = counts.map((n) => n * (1 + copies));
    const leveled = level(counts, caps, Math.max(least, Math.min(count, most)), Infinity);
    members.forEach((member, i) => set(member, leveled[i]!));
  }
}
