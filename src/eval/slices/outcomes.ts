/** @file The rows that one rate is about, and which of them count against the model. */
import { type Column, crossCount } from "../counts/cells.ts";
import type { Predictions } from "../predictions.ts";
import {
  type Confusion,
  RATE_NAMES,
  RATES,
  type RateDefinition,
  type RateName,
} from "../metrics/rates.ts";
import { type Dependence, dependenceOf } from "./dependence.ts";

/** Whether a slice can be worse by it: a share of rows that has a good direction. */
const isDirected = (name: RateName): boolean =>
  RATES[name].kind === "share" && RATES[name].better !== "neither";

/** The rates that slices can be told apart by. */
export const SLICE_RATES: readonly RateName[] = RATE_NAMES.filter(isDirected);

/** A rate, and for a multi-class target the class that it measures against the rest. */
export interface SliceRate {
  readonly rate: RateName;
  readonly class: number | null;
}

/** Rows that agree in everything are one cell; with weights or clusters, every row is. */
export interface JointCells {
  /** Values of every attribute, -1 where missing, [A][M]. */
  readonly codes: readonly Int32Array[];
  /** How many values an attribute has, [A]. */
  readonly sizes: readonly number[];
  readonly truth: Int32Array; // [M]
  readonly predicted: Int32Array; // [M]
  readonly rows: Float64Array; // [M]
  readonly weight: Float64Array; // [M], of one row
  /** Ascending, so that clusters are runs of cells, [M]; null when rows are independent and weigh 1. */
  readonly cluster: Int32Array | null;
}

/** @param columns attributes of the predictions */
export function jointCells(
  { truth, predicted, classes, weights, clusters }: Predictions,
  columns: readonly Column[],
): JointCells {
  const sizes = columns.map(({ values }) => values.length);
  const axes = [
    // missing is a value here, 0
    ...columns.map(({ values, codes }) => ({ size: values.length + 1, codes, from: -1 })),
    ...[truth, predicted].map((codes) => ({ size: classes.length, codes, from: 0 })),
  ];
  const combinations = axes.reduce((product, { size }) => product * size, 1);
  if (weights || clusters || combinations > Number.MAX_SAFE_INTEGER) {
    const order = clusters ? ascending(clusters) : Int32Array.from(truth.keys());
    const ordered = (codes: Int32Array): Int32Array => order.map((row) => codes[row]!);
    return {
      codes: columns.map(({ codes }) => ordered(codes)),
      sizes,
      truth: ordered(truth),
      predicted: ordered(predicted),
      rows: new Float64Array(truth.length).fill(1),
      weight: Float64Array.from(order, (row) => weights?.[row] ?? 1),
      cluster: weights || clusters ? ordered(clusters ?? order) : null,
    };
  }
  const { columns: counted, rows } = crossCount(
    axes.map(({ size, codes, from }) => ({ size, codes: codes.map((code) => code - from) })),
  );
  const codes = counted.map((column, a) => column.map((code) => code + axes[a]!.from));
  return {
    codes: codes.slice(0, -2),
    sizes,
    truth: codes.at(-2)!,
    predicted: codes.at(-1)!,
    rows,
    weight: new Float64Array(rows.length).fill(1),
    cluster: null,
  };
}

/** Rows by cluster, in the order of the codes. */
function ascending(codes: Int32Array): Int32Array {
  const from = new Int32Array(codes.reduce((a, b) => Math.max(a, b), 0) + 2);
  for (const code of codes) from[code + 1]!++;
  for (let c = 1; c < from.length; c++) from[c]! += from[c - 1]!;
  const order = new Int32Array(codes.length);
  codes.forEach((code, row) => (order[from[code]!++] = row));
  return order;
}

/** The cells of one rate's denominator. */
export interface Outcomes extends Omit<JointCells, "truth" | "predicted">, Dependence {
  /** 1 where the outcome counts against the model, [M]. */
  readonly bad: Uint8Array;
}

export function outcomesOf(cells: JointCells, classes: number, of: SliceRate): Outcomes {
  const { codes, sizes, truth, predicted, rows, weight, cluster } = cells;
  const kinds = kindsOf(classes, of);
  const kept = new Int32Array(truth.length);
  const marks = new Uint8Array(truth.length);
  let end = 0;
  for (let m = 0; m < truth.length; m++) {
    const kind = kinds[truth[m]! * classes + predicted[m]!]!;
    if (kind === OUTSIDE) continue;
    marks[end] = kind === BAD ? 1 : 0;
    kept[end++] = m;
  }
  const at = kept.subarray(0, end);
  const outcomes = {
    codes: codes.map((column) => gather(column, at, new Int32Array(end))),
    sizes,
    rows: gather(rows, at, new Float64Array(end)),
    weight: gather(weight, at, new Float64Array(end)),
    cluster: cluster && gather(cluster, at, new Int32Array(end)),
    bad: marks.subarray(0, end),
  };
  return { ...outcomes, ...dependenceOf(outcomes) };
}

function gather<T extends Int32Array | Float64Array>(from: T, at: Int32Array, to: T): T {
  for (let i = 0; i < to.length; i++) to[i] = from[at[i]!]!;
  return to;
}

const OUTSIDE = 0;
const GOOD = 1;
const BAD = 2;

/** What a row of each truth and prediction is to the rate, [K, K]. */
function kindsOf(classes: number, { rate, class: c }: SliceRate): Uint8Array {
  const definition: RateDefinition = RATES[rate];
  if (!("numerator" in definition)) throw new Error(`${rate} is no share of rows`);
  const { numerator, denominator, better } = definition;
  return Uint8Array.from({ length: classes * classes }, (_, pair) => {
    const part = partOf(Math.floor(pair / classes), pair % classes, c);
    if (!denominator.includes(part)) return OUTSIDE;
    return numerator.includes(part) === (better === "higher") ? GOOD : BAD;
  });
}

/** Without a class, right is `tp` and wrong is `fp`: all that accuracy asks. */
function partOf(truth: number, predicted: number, c: number | null): keyof Confusion {
  if (c === null) return truth === predicted ? "tp" : "fp";
  if (truth === c) return predicted === c ? "tp" : "fn";
  return predicted === c ? "fp" : "tn";
}
