/** @file Rows grouped by the values of chosen attributes. */
import { UsageError } from "../run/errors.ts";
import type { Row } from "./row.ts";

/** Code-unit order: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Rows in the order of their ids, so that no result depends on the order in which a folder was listed. */
export const byId = <T extends { readonly id: string }>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => compareText(a.id, b.id));

/** The value of a categorical attribute, or of a numeric one as text. */
export function valueOf(row: Row, attribute: string): string {
  const value = row.labels[attribute] ?? row.numbers[attribute];
  if (value === undefined) {
    const known = [...Object.keys(row.labels), ...Object.keys(row.numbers)].join(", ");
    throw new UsageError(`${row.id}: no attribute "${attribute}", expected one of ${known}`);
  }
  return String(value);
}

/** Rows that share the value of every chosen attribute. */
export interface Cell {
  /** One value for each attribute, in their order. */
  readonly values: readonly string[];
  readonly rows: readonly Row[];
}

/** The non-empty cells of `attributes`, sorted by value (numbers by size); rows inside are sorted by id. */
export function cellsOf(rows: readonly Row[], attributes: readonly string[]): Cell[] {
  const cells = new Map<string, { values: string[]; rows: Row[] }>();
  for (const row of byId(rows)) {
    const values = attributes.map((attribute) => valueOf(row, attribute));
    const key = values.join("\u0000");
    const cell = cells.get(key);
    if (cell) cell.rows.push(row);
    else cells.set(key, { values, rows: [row] });
  }
  return [...cells.values()].sort((a, b) => compareValues(a.values, b.values));
}

/** Groups in the order of their first member. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

/** A cell for people: `race=asian, gender=female`. */
export const describeCell = (attributes: readonly string[], values: readonly string[]): string =>
  attributes.map((attribute, i) => `${attribute}=${values[i]}`).join(", ");

function compareValues(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const numeric = Number(a[i]) - Number(b[i]);
    const order = Number.isNaN(numeric) ? compareText(a[i]!, b[i]!) : numeric;
    if (order !== 0) return order;
  }
  return 0;
}
