/** @file Balancing the training rows: a plan of what is removed and copied, and carrying it out. */
import { EquiclipError, UsageError } from "../run/errors.ts";
import { random } from "../run/random.ts";
import { byId, cellsOf, compareText, describeCell } from "./cells.ts";
import { copySeed } from "./copies.ts";
import { SOURCES, type Source } from "./copy-sources.ts";
import { sum } from "./level.ts";
import { type Balancing, quotas } from "./quotas.ts";
import type { Row } from "./row.ts";

/** One augmented copy to make. */
export interface Copy extends Source {
  /** Seed of its augmentation, below 2^31. */
  readonly seed: number;
}

/** Plain data: printed, saved with the run, and carried out by `applyPlan`. */
export interface BalancePlan {
  readonly method: Balancing["method"];
  /** Whether it is of all rows before they are split, as the study did it; else of the rows of train. */
  readonly compat: boolean;
  readonly attributes: readonly string[];
  readonly seed: number;
  readonly before: number;
  readonly after: number;
  readonly cells: readonly {
    readonly values: Readonly<Record<string, string>>;
    readonly before: number;
    /** The quota if rows could be copied without limit. */
    readonly wanted: number;
    readonly after: number;
  }[];
  /** Ids of the rows left out, sorted. */
  readonly removed: readonly string[];
  readonly added: readonly Copy[];
  /** The rows copied most, at most five. */
  readonly mostCopied: readonly { readonly id: string; readonly copies: number }[];
  /** Quotas that cannot be met, one line each. */
  readonly problems: readonly string[];
}

/** Priorities when none are given. */
export const BALANCE_ATTRIBUTES: readonly string[] = ["race", "gender", "age_band"];
const MOST_COPIED = 5;

/**
 * Plans the balancing of training rows. Cells above their quota are thinned at random, cells below are filled with augmented
 * copies, every row once before any twice, at most `maxCopies` of a row (0 for `undersample-only`).
 *
 * With `balancing.compat` as the study's code did it: of all rows before their split, without a limit of copies, of rows drawn
 * with replacement; of `age-first` a copy may be copied again, and a second copy of one picture overwrites the first.
 *
 * @throws UsageError when a row is not in train (with `compat`: is in a split already), or is an augmented copy already
 */
export function balancePlan(
  rows: readonly Row[],
  balancing: Balancing,
  maxCopies: number,
  seed: number,
): BalancePlan {
  const { method, attributes, compat = false } = balancing;
  requireOriginals(rows, compat);
  if (!(maxCopies >= 0)) {
    throw new UsageError(
      `balance: expected a number of copies of 0 or more, received ${maxCopies}`,
    );
  }
  const limit = compat ? Infinity : maxCopies;
  const copies = method === "undersample-only" ? 0 : limit;
  const cells = cellsOf(rows, attributes);
  const counts = cells.map(({ values, rows: members }) => ({ values, count: members.length }));
  const quota = quotas(counts, balancing, copies, seed);
  const wanted = quotas(counts, balancing, Infinity, seed);

  const removed: string[] = [];
  const added: Copy[] = [];
  const sourcesOf = SOURCES[compat ? method : "even"];
  const after = cells.map(({ values, rows: members }, i): number => {
    const stream = random(seed, "balance", ...values);
    const shuffled = stream.shuffle(members);
    removed.push(...shuffled.slice(quota[i]).map((row) => row.id));
    const ids = shuffled.map((row) => row.id);
    const sources = sourcesOf(ids, Math.max(0, quota[i]! - ids.length), stream);
    added.push(...sources.map((source) => ({ ...source, seed: copySeed(seed, source.id) })));
    return Math.min(quota[i]!, ids.length) + sources.length;
  });
  const named = cells.map(({ values }) =>
    Object.fromEntries(attributes.map((attribute, a) => [attribute, values[a]!])),
  );
  const overwritten = sum(quota) - sum(after);
  return {
    method,
    compat,
    attributes,
    seed,
    before: rows.length,
    after: rows.length - removed.length + added.length,
    cells: cells.map((cell, i) => ({
      values: named[i]!,
      before: cell.rows.length,
      wanted: wanted[i]!,
      after: after[i]!,
    })),
    removed: removed.sort(compareText),
    added,
    mostCopied: mostCopied(added),
    problems: [
      ...(overwritten > 0
        ? [
            `${overwritten} of ${added.length + overwritten} copies overwrite another: a second copy of one picture gets the name of the first`,
          ]
        : []),
      ...cells.flatMap(({ values, rows: members }, i) =>
        quota[i]! < wanted[i]! && copies > 0
          ? [
              `${describeCell(attributes, values)}: ${quota[i]} of ${wanted[i]} rows, its ${members.length} rows may be copied ${copies} times at most`,
            ]
          : [],
      ),
      ...emptyCells(
        cells.map(({ values }) => values),
        attributes,
      ),
    ],
  };
}

function requireOriginals(rows: readonly Row[], compat: boolean): void {
  const other = rows.find((row) => row.split !== (compat ? null : "train"));
  if (other) {
    const expected = compat
      ? "rows without a split; with compat all are balanced before they are split"
      : "rows of train alone; split first and balance the train rows";
    throw new UsageError(
      `balance: ${other.id} is in ${other.split ?? "no split"}, expected ${expected}`,
    );
  }
  const copy = rows.find((row) => row.origin !== null);
  if (copy) {
    throw new UsageError(`balance: ${copy.id} is an augmented copy, expected original rows`);
  }
  if (rows.length === 0) throw new UsageError("balance: expected rows to balance, received none");
}

function mostCopied(added: readonly Copy[]): BalancePlan["mostCopied"] {
  const copies = new Map<string, number>();
  for (const { origin } of added) copies.set(origin, (copies.get(origin) ?? 0) + 1);
  return [...copies]
    .map(([id, count]) => ({ id, copies: count }))
    .sort((a, b) => b.copies - a.copies || compareText(a.id, b.id))
    .slice(0, MOST_COPIED);
}

/** Combinations of values that no row has: nothing can be copied for them. */
function emptyCells(
  cells: readonly (readonly string[])[],
  attributes: readonly string[],
): string[] {
  const values = attributes.map((_, a) => [...new Set(cells.map((cell) => cell[a]!))]);
  const possible = values.reduce((product, list) => product * list.length, 1);
  const empty = possible - cells.length;
  if (empty === 0) return [];
  return [
    `${empty} of ${possible} combinations of ${attributes.join(" x ")} have no row, and nothing to copy`,
  ];
}

/** The rows after removals and with copies: those share their origin's file and have ids such as `face.jpg#2`. */
export function applyPlan(rows: readonly Row[], plan: BalancePlan): Row[] {
  const byName = new Map(rows.map((row) => [row.id, row]));
  const find = (id: string): Row => {
    const row = byName.get(id);
    if (row) return row;
    throw new EquiclipError(
      `balance: the plan names ${id}, which is not among the ${rows.length} rows; make a new plan for them`,
    );
  };
  requireOriginals(rows, plan.compat);
  const removed = new Set(plan.removed.map((id) => find(id).id));
  const kept = rows.filter((row) => !removed.has(row.id));
  const copies = plan.added.map(({ origin, id }) => ({ ...find(origin), id, origin }));
  return byId([...kept, ...copies]);
}
