/** @file Balance without copies: weights of rows, and an order of drawing them. */
import type { Random } from "../run/random.ts";
import { cellsOf, groupBy, valueOf } from "./cells.ts";
import type { Row } from "./row.ts";

const totalWeight = (rows: readonly Row[]): number =>
  rows.reduce((total, row) => total + row.weight, 0);

/** Multiplies the rows' weights, then scales them to a mean of 1. */
function scaleWeights(rows: readonly Row[], factorOf: (row: Row) => number): Row[] {
  const weighted = rows.map((row) => ({ ...row, weight: row.weight * factorOf(row) }));
  const mean = totalWeight(weighted) / weighted.length;
  return weighted.map((row) => ({ ...row, weight: row.weight / mean }));
}

/** Weights that give every non-empty cell of `attributes` the same total; mean 1. */
export function levelWeights(rows: readonly Row[], attributes: readonly string[]): Row[] {
  const total = new Map(
    cellsOf(rows, attributes).flatMap((cell) => {
      const weight = totalWeight(cell.rows);
      return cell.rows.map((row) => [row.id, weight]);
    }),
  );
  return scaleWeights(rows, (row) => 1 / total.get(row.id)!);
}

/**
 * Weights that make `target` independent of `attribute`: P(target) P(attribute) / P(target, attribute); mean 1.
 * Source: F. Kamiran and T. Calders, "Data preprocessing techniques for classification without discrimination" (2012).
 */
export function reweighing(rows: readonly Row[], target: string, attribute: string): Row[] {
  const weightsBy = (key: (row: Row) => string): Map<string, number> =>
    new Map([...groupBy(rows, key)].map(([value, members]) => [value, totalWeight(members)]));
  const byTarget = weightsBy((row) => valueOf(row, target));
  const byAttribute = weightsBy((row) => valueOf(row, attribute));
  const both = (row: Row): string => `${valueOf(row, target)}\u0000${valueOf(row, attribute)}`;
  const byBoth = weightsBy(both);
  return scaleWeights(
    rows,
    (row) =>
      (byTarget.get(valueOf(row, target))! * byAttribute.get(valueOf(row, attribute))!) /
      byBoth.get(both(row))!,
  );
}

/**
 * `n` indices into `rows` in which every cell of `attributes` comes equally often: each run of as many draws as there are
 * cells has one of each, in random order, and no row of a cell comes again before all its others have.
 */
export function balancedOrder(
  rows: readonly Row[],
  attributes: readonly string[],
  n: number,
  random: Random,
): number[] {
  const position = new Map(rows.map((row, i) => [row.id, i]));
  const decks = cellsOf(rows, attributes).map((cell) => ({ rows: cell.rows, deck: [] as Row[] }));
  const order: number[] = [];
  while (order.length < n) {
    for (const cell of random.shuffle(decks)) {
      if (cell.deck.length === 0) cell.deck = random.shuffle(cell.rows);
      order.push(position.get(cell.deck.pop()!.id)!);
    }
  }
  return order.slice(0, n);
}
