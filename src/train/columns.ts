/** @file Labels of rows as categorical columns. */
import type { Row } from "../data/row.ts";
import { type Column, encode, intersect } from "../eval/counts/cells.ts";

/** The values of one attribute, sorted; a row without the label has none. */
export const columnOf = (rows: readonly Row[], attribute: string): Column =>
  encode(rows.map(({ labels }) => labels[attribute] ?? null));

/** Columns by attribute. */
export const columnsOf = (
  rows: readonly Row[],
  attributes: readonly string[],
): Record<string, Column> =>
  Object.fromEntries(attributes.map((name) => [name, columnOf(rows, name)]));

/** Every combination of the values of attributes; a row that lacks one has none. */
export const intersectionOf = (rows: readonly Row[], attributes: readonly string[]): Column =>
  intersect(attributes.map((name) => columnOf(rows, name)));

/** The cluster of each row, that of a row without one its own. [N] */
export const clustersOf = (rows: readonly Row[]): Int32Array =>
  encode(rows.map(({ id, cluster }) => (cluster === null ? `row ${id}` : `cluster ${cluster}`)))
    .codes;
