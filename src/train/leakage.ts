/** @file What embeddings of rows still tell of an attribute. */
import { leakage } from "../eval/probes/leakage.ts";
import type { Leakage } from "../eval/report/comparison.ts";
import type { Uncertainty } from "../eval/uncertainty/pending.ts";
import type { Row } from "../data/row.ts";
import { takeRows } from "../run/linalg/embeddings.ts";
import { clustersOf, columnOf } from "./columns.ts";

/** A linear probe for each attribute, cross-validated on the rows that have it; clusters stay together. @param x [rows, D] */
export function leakageOf(
  rows: readonly Row[],
  x: Float32Array,
  attributes: readonly string[],
  { level = 0.95 }: Pick<Partial<Uncertainty>, "level"> = {},
): Record<string, Leakage> {
  const d = x.length / rows.length;
  return Object.fromEntries(
    attributes.map((name): [string, Leakage] => {
      const known = [...rows.keys()].filter((i) => rows[i]!.labels[name] !== undefined);
      const of = known.map((i) => rows[i]!);
      const { balancedAccuracy, interval, chance, reason, note } = leakage(
        { x: takeRows(x, d, known), n: known.length, d },
        columnOf(of, name).codes,
        "linear",
        { level, clusters: clustersOf(of) },
      );
      return [
        name,
        {
          value: balancedAccuracy,
          interval: interval && [...interval],
          chance,
          ...(reason !== undefined && { reason }),
          ...(note !== undefined && { note }),
        },
      ];
    }),
  );
}
