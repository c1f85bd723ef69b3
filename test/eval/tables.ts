/** @file Predictions for tests: from a confusion matrix, or from a golden table. */
import { readFileSync } from "node:fs";
import { encode } from "../../src/eval/counts/cells.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { readPredictions } from "../../src/eval/predictions-csv.ts";
import type { Report } from "../../src/eval/report.ts";
import { reference } from "../golden.ts";

export const POINT_ONLY = { uncertainty: { replicates: 0 } };

/** Rows that have this confusion matrix (rows true class). */
export function fromMatrix(
  classes: readonly string[],
  matrix: readonly (readonly number[])[],
): Predictions {
  const pairs = matrix.flatMap((row, t) =>
    row.flatMap((n, p) => Array.from({ length: n }, () => [t, p] as const)),
  );
  return {
    ids: pairs.map((_, i) => `${i}`),
    classes,
    truth: Int32Array.from(pairs, ([t]) => t),
    predicted: Int32Array.from(pairs, ([, p]) => p),
    groups: {},
  };
}

/** One row per entry: `[group, truth, predicted]`. */
export function fromRows(
  classes: readonly string[],
  rows: readonly (readonly [group: string | null, truth: number, predicted: number])[],
  weights?: readonly number[],
): Predictions {
  return {
    ids: rows.map((_, i) => `${i}`),
    classes,
    truth: Int32Array.from(rows, ([, t]) => t),
    predicted: Int32Array.from(rows, ([, , p]) => p),
    groups: { group: encode(rows.map(([group]) => group)) },
    ...(weights && { weights: Float64Array.from(weights) }),
  };
}

/** A golden table of `metrics/`, with its groups and its scores. */
export async function goldenScored(
  table: string,
): Promise<Predictions & Required<Pick<Predictions, "score">>> {
  const columns = { truth: "y_true", predicted: "y_pred", id: "id", weight: "weight" };
  const read = await readPredictions(reference("metrics", `${table}.csv`), columns);
  const { score, ...groups } = read.groups;
  return {
    ...read,
    groups,
    score: Float64Array.from(score!.codes, (c) => Number(score!.values[c])),
  };
}

/** A golden table without its scores. */
export async function golden(table: string): Promise<Predictions> {
  const { score: _, ...labels } = await goldenScored(table);
  return labels;
}

/** Golden tables of two classes. */
export const BINARY_TABLES = [
  "binary_2groups",
  "binary_5races",
  "intersection_empty_cell",
  "one_group",
  "all_correct",
  "score_ties",
];

export const goldenJson = <T>(name: string): T =>
  JSON.parse(readFileSync(reference("metrics", `${name}.json`), "utf8")) as T;

/** Every number of a report by its path, without the random ones. */
export function numbers(report: Report): Map<string, number | null> {
  const found = new Map<string, number | null>();
  const walk = (value: unknown, path: string): void => {
    if (value === null || typeof value === "number") found.set(path, value);
    else if (typeof value === "object")
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}/${key}`);
  };
  walk(report, "");
  return found;
}
