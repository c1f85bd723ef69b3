/** @file Resamples of the rows that have scores: the bootstrap, and fair models, which exchange groups. */
import type { Uniform } from "../uncertainty/binomial.ts";
import type { Uncertainty } from "../uncertainty/pending.ts";
import type { Sampler } from "../uncertainty/resample.ts";
import { shuffler, tallier } from "./draw.ts";
import { identity, sorted } from "./order.ts";
import type { ScoreSheet } from "./sheet.ts";
import type { ScoreTable } from "./table.ts";

/** Rows read in all resamples of a kind: a quarter of a second. */
const WORK = 1e7;
/** Resamples below which a percentile says too little. */
const LEAST = 200;

/**
 * How many resamples are drawn: as many as asked for, or what is affordable for a table of this size, which is never
 * fewer than 200. A row costs 10 to 20 ns per resample to draw, and 5 to 10 for each class measured against the rest.
 */
export const affordable = (
  { replicates }: Uncertainty,
  { rows, views }: Pick<ScoreTable, "rows" | "views">,
): number =>
  Math.min(
    replicates,
    Math.max(LEAST, Math.floor(WORK / (rows.length * Math.max(1, views.length)))),
  );

/**
 * @param group of every row, or -1, [M]: the one that the sheet was made with
 * @param sheets of tables of the same rows in the same order
 */
export const rowSampler =
  (table: ScoreTable, group: Int32Array, sheet: Pick<ScoreSheet, "arrange" | "update">): Sampler =>
  (kind, next) => {
    if (kind === "data") {
      sheet.arrange(group);
      return bootstrap(table, group, next, (mass) => sheet.update(mass));
    }
    const alike = kind === "truth" ? table.truth : table.alike;
    return exchange(table, group, alike, next, (groups, mass) => {
      sheet.arrange(groups);
      sheet.update(mass);
    });
  };

/**
 * Rows with replacement, or whole clusters where there are any (Davison and Hinkley 1997, 3.8).
 * @param then gets the drawn weight of every row, [M]
 */
function bootstrap(
  { weight, cluster }: Pick<ScoreTable, "weight" | "cluster">,
  group: Int32Array,
  next: Uniform,
  then: (mass: Float64Array) => void,
): () => void {
  const codeOf = new Map<number, number>();
  let units = 0;
  const unit = group.map((g, r) => {
    if (g < 0) return -1;
    if (!cluster) return units++;
    const code = codeOf.get(cluster[r]!) ?? units++;
    codeOf.set(cluster[r]!, code);
    return code;
  });
  const counts = new Float64Array(units);
  const tally = tallier(counts, next);
  if (units === group.length && weight.every((w) => w === 1))
    // every row is a unit that weighs 1
    return () => {
      tally();
      then(counts);
    };
  const mass = new Float64Array(group.length);
  return () => {
    tally();
    for (let r = 0; r < mass.length; r++) {
      const u = unit[r]!;
      mass[r] = u < 0 ? 0 : counts[u]! * weight[r]!;
    }
    then(mass);
  };
}

/** Places for units that may be exchanged: `size` rows each, side by side. */
interface Stratum {
  readonly rows: Int32Array;
  readonly size: number;
}

/**
 * A model in which the group does not matter: groups, with the weights of their rows, are dealt out anew among rows that
 * are alike; every group keeps as many rows of each kind. The rows of one cluster and group move together, and to as
 * many rows of the same kinds.
 */
function exchange(
  table: ScoreTable,
  group: Int32Array,
  alike: Int32Array,
  next: Uniform,
  then: (group: Int32Array, mass: Float64Array) => void,
): () => void {
  const groups = group.slice();
  const mass = table.weight.slice();
  const shuffle = shuffler(next);
  // what changes places: of rows that weigh alike the group itself, else the row whose group and weight it is
  const alikeInWeight = mass.every((w) => w === mass[0]);
  const strata = strataOf(table, group, alike).map((stratum) => ({
    ...stratum,
    held: alikeInWeight ? stratum.rows.map((r) => group[r]!) : stratum.rows.slice(),
  }));
  return () => {
    for (const { rows, size, held } of strata) {
      shuffle(held, size);
      for (let i = 0; i < rows.length; i++) {
        if (alikeInWeight) groups[rows[i]!] = held[i]!;
        else {
          groups[rows[i]!] = group[held[i]!]!;
          mass[rows[i]!] = table.weight[held[i]!]!;
        }
      }
    }
    then(groups, mass);
  };
}

function strataOf({ cluster }: ScoreTable, group: Int32Array, alike: Int32Array): Stratum[] {
  const members = identity(group.length).filter((r) => group[r]! >= 0);
  const kinds = alike.reduce((most, kind) => Math.max(most, kind + 1), 0);
  const { items, starts } = sorted(members, alike, kinds);
  if (!cluster)
    return Array.from({ length: kinds }, (_, kind) => ({
      rows: items.subarray(starts[kind], starts[kind + 1]),
      size: 1,
    }));
  const units = new Map<string, number[]>(); // rows of one cluster and group, by kind
  for (const r of items) {
    const key = `${cluster[r]} ${group[r]}`;
    const unit = units.get(key) ?? [];
    units.set(key, unit);
    unit.push(r);
  }
  const strata = new Map<string, number[][]>();
  for (const unit of units.values()) {
    const key = unit.map((r) => alike[r]).join();
    const stratum = strata.get(key) ?? [];
    strata.set(key, stratum);
    stratum.push(unit);
  }
  return [...strata.values()].map((same) => ({
    rows: Int32Array.from(same.flat()),
    size: same[0]!.length,
  }));
}
