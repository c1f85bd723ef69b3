/** @file In which order, and with what weight, rows are trained on. */
import { balancedOrder, levelWeights, reweighing } from "../data/reweight.ts";
import type { Row } from "../data/row.ts";
import type { Config } from "../run/config/schema.ts";
import { random } from "../run/random.ts";

/**
 * The order of an epoch, as indices into `rows`: each once, or cells of `attributes` equally often.
 * The same seed and epoch give the same order.
 */
export function rowOrder(
  rows: readonly Row[],
  sampling: Config["train"]["sampling"],
  attributes: readonly string[],
  seed: number,
  epoch: number,
): readonly number[] {
  const stream = random(seed, "order", epoch);
  return sampling === "shuffle"
    ? stream.shuffle([...rows.keys()])
    : balancedOrder(rows, attributes, rows.length, stream);
}

/**
 * The weight of every row: as given, equal totals of all cells of `attributes`, or Kamiran and Calders' reweighing of
 * the target against the first sensitive attribute.
 * @param attributes the target, then the sensitive attributes.
 */
export function rowWeights(
  rows: readonly Row[],
  reweight: Config["train"]["reweight"],
  attributes: readonly string[],
): Float32Array {
  const [target, sensitive] = attributes;
  const weighted = {
    none: () => rows,
    cells: () => levelWeights(rows, attributes),
    reweighing: () => (sensitive === undefined ? rows : reweighing(rows, target!, sensitive)),
  }[reweight]();
  return Float32Array.from(weighted, (row) => row.weight);
}

/**
 * The weights of the second training of "just train twice": rows that the first got wrong count for more. Liu et al.
 * 2021, "Just train twice: improving group robustness without training group information".
 * @param weights of rows [N]. @param truth, @param predicted classes, after the first training [N].
 * @param upweight factor, >= 1.
 */
export const upweighted = (
  weights: Float32Array,
  truth: Int32Array,
  predicted: Int32Array,
  upweight: number,
): Float32Array =>
  weights.map((weight, i) => (truth[i] === predicted[i] ? weight : upweight * weight));
