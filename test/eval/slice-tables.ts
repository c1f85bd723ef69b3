/** @file Tables for tests of slices: with errors where a test wants them, and of chance alone. */
import { encode } from "../../src/eval/counts/cells.ts";
import { planOf } from "../../src/eval/evaluate.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { findSlices } from "../../src/eval/slices/find.ts";
import { random, type Random } from "../../src/run/random.ts";

export type Row = Readonly<Record<string, string | null>>;

/** Rows with the chance of an error that `errorOf` says; everyone has the same base rate. */
export function draw(
  n: number,
  draws: Random,
  rowOf: (draws: Random) => Row,
  errorOf: (row: Row) => number,
): Predictions {
  const rows = Array.from({ length: n }, () => rowOf(draws));
  const truth = Int32Array.from(rows, () => draws.int(2));
  const predicted = truth.map((t, i) => (draws.uniform() < errorOf(rows[i]!) ? 1 - t : t));
  const names = Object.keys(rows[0]!);
  return {
    classes: ["no", "yes"],
    truth,
    predicted,
    groups: Object.fromEntries(
      names.map((name) => [name, encode(rows.map((row) => row[name] ?? null))]),
    ),
  };
}

/** Independent attributes a, b, ... with values 0 to `values` - 1. */
export const independent =
  (names: string, values: number) =>
  (draws: Random): Row =>
    Object.fromEntries([...names].map((name) => [name, `${draws.int(values)}`]));

interface Clustered {
  readonly clusters: number;
  /** Rows of a cluster. */
  readonly size: (draws: Random) => number;
  /** Chance of an error, the same for all rows of a cluster. */
  readonly error: (draws: Random) => number;
  /** Whether attributes are those of clusters or of rows. */
  readonly attributesOf: "clusters" | "rows";
}

const clustered =
  ({ clusters, size, error, attributesOf }: Clustered) =>
  (draws: Random): Predictions => {
    const members = Array.from({ length: clusters }, (_, cluster) => {
      const [shared, chance] = [CELLS(draws), error(draws)];
      return Array.from({ length: size(draws) }, () => ({
        cluster,
        chance,
        row: attributesOf === "rows" ? CELLS(draws) : shared,
      }));
    }).flat();
    let next = 0;
    const table = draw(
      members.length,
      draws,
      () => members[next++]!.row,
      () => 0,
    );
    return {
      ...table,
      predicted: table.truth.map((t, i) => (draws.uniform() < members[i]!.chance ? 1 - t : t)),
      clusters: Int32Array.from(members, ({ cluster }) => cluster),
    };
  };

const CELLS = independent("abc", 3);
const rows = (n: number, error: number) => (draws: Random) => draw(n, draws, CELLS, () => error);
const sites = {
  clusters: 20,
  size: () => 60,
  error: (draws: Random) => 0.3 * draws.uniform(),
} as const;

/** Tables in which no slice differs: three attributes of three values, at most 0.05 of them may list anything. */
export const CHANCE: Readonly<Record<string, (draws: Random) => Predictions>> = {
  "800 rows, 10% wrong": rows(800, 0.1),
  "800 rows, 2% wrong": rows(800, 0.02),
  "800 rows, exponential weights": (draws) => ({
    ...rows(800, 0.1)(draws),
    weights: Float64Array.from({ length: 800 }, () => -Math.log(1 - draws.uniform())),
  }),
  "2,000 rows, wrong ones weigh six times as much": (draws) => {
    const table = rows(2000, 0.03)(draws);
    const { truth, predicted } = table;
    return { ...table, weights: Float64Array.from(truth, (t, i) => (t === predicted[i] ? 1 : 6)) };
  },
  "250 persons of up to 5 rows": clustered({
    clusters: 250,
    size: (draws) => 1 + draws.int(5),
    error: (draws) => (draws.uniform() < 0.1 ? 0.8 : 0.03),
    attributesOf: "clusters",
  }),
  "20 sites of 60 rows, attributes of sites": clustered({ ...sites, attributesOf: "clusters" }),
  "20 sites of 60 rows, attributes of rows": clustered({ ...sites, attributesOf: "rows" }),
};

/** How many of so many tables list anything, as a share. */
export function shareFound(make: (draws: Random) => Predictions, tables: number): number {
  let found = 0;
  for (let table = 0; table < tables; table++) {
    const predictions = make(random("chance", table));
    const plan = planOf(predictions, { positive: "yes" });
    const slices = findSlices(predictions, Object.keys(predictions.groups), plan);
    if (slices.found.length > 0) found++;
  }
  return found / tables;
}

/** The same tables as if every row stood for itself and weighed 1. */
export const plainly =
  (make: (draws: Random) => Predictions) =>
  (draws: Random): Predictions => {
    const { clusters: _, weights: __, ...table } = make(draws);
    return table;
  };
