/** @file Rows with their embeddings, and the attributes and clusters that a comparison gives them. */
import { groupBy } from "../data/cells.ts";
import type { Row } from "../data/row.ts";
import { bands } from "../run/bands.ts";
import type { CompareConfig } from "../run/config/compare.ts";
import { UsageError } from "../run/errors.ts";
import { takeRows } from "../run/linalg/embeddings.ts";

/** Labelled rows with their embeddings. */
export interface EmbeddedRows {
  readonly rows: readonly Row[];
  /** [N, D] */
  readonly x: Float32Array;
  readonly d: number;
  /** What was left out, one line each. */
  readonly notes: readonly string[];
}

type Derived = CompareConfig["attributes"][number];

/** Adds attributes; rows that get no label are left out and told of. Later ones may be made of earlier ones. */
export const withAttributes = (data: EmbeddedRows, attributes: readonly Derived[]): EmbeddedRows =>
  attributes.reduce(withAttribute, data);

function withAttribute({ rows, x, d, notes }: EmbeddedRows, derived: Derived): EmbeddedRows {
  const labelOf = labeller(rows, derived);
  const kept = rows.flatMap((row, i) => {
    const label = labelOf(row);
    return label === null
      ? []
      : [{ i, row: { ...row, labels: { ...row.labels, [derived.name]: label } } }];
  });
  if (kept.length === 0)
    throw new UsageError(
      `attributes: no row has a label of ${derived.name}, made of ${derived.from}`,
    );
  const whole = kept.length === rows.length;
  return {
    rows: kept.map(({ row }) => row),
    x: whole
      ? x
      : takeRows(
          x,
          d,
          kept.map(({ i }) => i),
        ),
    d,
    notes: whole
      ? notes
      : [...notes, `${rows.length - kept.length} rows have no ${derived.name} and were left out`],
  };
}

function labeller(rows: readonly Row[], derived: Derived): (row: Row) => string | null {
  const { name, from } = derived;
  const wrong = (row: Row, known: object): UsageError =>
    new UsageError(
      `attributes: ${name} is made of ${from}, which ${row.id} does not have; it has ${Object.keys(known).join(", ") || "none of that kind"}`,
    );
  if ("bands" in derived) {
    const bandOf = bands(derived.bands);
    return (row) => {
      const value = row.numbers[from];
      if (value === undefined) throw wrong(row, row.numbers);
      return bandOf(value);
    };
  }
  const entries = Object.entries(derived.labels);
  const named = new Map(
    entries.flatMap(([label, of]) => (of === "rest" ? [] : of.map((old) => [old, label] as const))),
  );
  const wanted = entries.map(([, of]) =>
    of === "rest" ? "the rest" : of.map((old) => `${from}=${old}`),
  );
  const twice = wanted.flat().find((old, i, all) => all.indexOf(old) !== i);
  if (twice !== undefined)
    throw new UsageError(`attributes: ${name} has two labels for ${twice}; keep one of them`);
  const there = new Set(rows.map(({ labels }) => labels[from]));
  const stray = [...named.keys()].find((old) => !there.has(old));
  if (stray !== undefined)
    throw new UsageError(
      `attributes: ${name} wants ${from}=${stray}, which no row has; there are ${[...there].toSorted().join(", ")}`,
    );
  const rest = entries.find(([, of]) => of === "rest")?.[0] ?? null;
  return (row) => {
    const value = row.labels[from];
    if (value === undefined) throw wrong(row, row.labels);
    return named.get(value) ?? rest;
  };
}

/**
 * Rows whose `names` (row to group) are equal become one cluster, which no split cuts.
 * @throws {UsageError} when no row is among the names, which would leave every cluster to be cut
 */
export function withClusters(data: EmbeddedRows, names: ReadonlyMap<string, string>): EmbeddedRows {
  if (names.size > 0 && !data.rows.some(({ id }) => names.has(id)))
    throw new UsageError(
      `clusters: none of the ${names.size} names, such as ${[...names.keys()][0]}, is that of a row, such as ${data.rows[0]!.id}; name the column of the rows' names (clusters.id)`,
    );
  const rows = data.rows.map((row) => ({ ...row, cluster: names.get(row.id) ?? row.cluster }));
  const clusters = [...groupBy(rows, ({ cluster }) => cluster ?? "").entries()];
  const shared = clusters.filter(([name, of]) => name !== "" && of.length > 1);
  return {
    ...data,
    rows,
    notes: [
      ...data.notes,
      `${shared.reduce((n, [, of]) => n + of.length, 0)} rows lie in ${shared.length} clusters, which no split cuts`,
    ],
  };
}
