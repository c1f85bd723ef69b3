/** @file Rebalancing: which rows to keep so that groups are level, in each cluster or overall. */
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import type { ManifestColumns } from "../../data/csv-record.ts";
import { writeCsv } from "../../data/csv.ts";
import { level, sum } from "../../data/level.ts";
import type { Row } from "../../data/row.ts";
import { UsageError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { random } from "../../run/random.ts";
import type { Clustering } from "../cluster/clustering.ts";
import type { Grouping } from "../grouping.ts";
import { pathFrom } from "./export.ts";

export interface PlanTarget {
  /** Level within each cluster (rows in none count as one more), or over all rows. */
  readonly per: "cluster" | "all";
  /** As many rows of each group as of the smallest; or each group's share of all rows. */
  readonly target: "smallest" | "share";
  /** Most rows of a cluster. */
  readonly cap?: number | undefined;
}

export interface PlanCell {
  /** -1 for rows in no cluster. */
  readonly cluster: number;
  readonly group: string;
  /** Rows with the label. */
  readonly before: number;
  /** Without near-duplicates. */
  readonly distinct: number;
  readonly after: number;
}

/** Plain data. Rows are numbers of rows, ascending. */
export interface RebalancingPlan extends PlanTarget {
  readonly attribute: string;
  readonly seed: number;
  readonly before: number;
  readonly keep: readonly number[];
  readonly remove: readonly {
    readonly row: number;
    readonly reason: "duplicate" | "no label" | "cap" | "level";
    /** Of a duplicate: the row that is kept in its place, if that is not removed for another reason. */
    readonly of?: number;
  }[];
  readonly cells: readonly PlanCell[];
  /** Targets that cannot be met, one line each. */
  readonly problems: readonly string[];
}

/** What clusters are called in a manifest: its own column "cluster" names near-duplicates. */
const CLUSTER_COLUMN = "image_cluster";

interface Part {
  readonly name: string;
  /** Rows by group, [G][...]. */
  readonly groups: readonly (readonly number[])[];
  readonly cap: number;
}

/**
 * Drops near-duplicates (all but the first labelled row of each group) and rows without a label, then thins at random:
 * clusters above the cap by their largest groups first, then groups above their target.
 * @param duplicates groups of rows that are near-duplicates
 * @throws UsageError when no row has a label
 */
export function rebalancingPlan(
  clustering: Pick<Clustering, "labels">,
  grouping: Grouping,
  duplicates: readonly (readonly number[])[],
  { per, target, cap }: PlanTarget,
  seed: number,
): RebalancingPlan {
  const { labels } = clustering;
  const { codes, values, name } = grouping;
  const removed = new Map<number, RebalancingPlan["remove"][number]>();
  for (const group of duplicates) {
    const kept = group.find((row) => codes[row]! >= 0) ?? group[0]!;
    for (const row of group)
      if (row !== kept) removed.set(row, { row, reason: "duplicate", of: kept });
  }
  codes.forEach((code, row) => {
    if (code < 0 && !removed.has(row)) removed.set(row, { row, reason: "no label" });
  });
  const rowsOf = (wanted: (row: number) => boolean): number[][] => {
    const groups = values.map((): number[] => []);
    codes.forEach((code, row) => {
      if (code >= 0 && !removed.has(row) && wanted(row)) groups[code]!.push(row);
    });
    return groups;
  };
  const distinct = rowsOf(() => true).map((rows) => rows.length);
  const total = sum(distinct);
  if (total === 0)
    throw new UsageError(
      `plan: no row has a ${name}, so there is nothing to level; name another attribute in audit.plan`,
    );
  const shares = distinct.map((n) => n / total);
  const numbers = [...new Set(labels)].toSorted((a, b) => (a < 0 ? 1 : b < 0 ? -1 : a - b));
  const problems: string[] = [];

  /** Keeps so many rows of each group, at random. */
  const thin = (part: Part, quotas: readonly number[], reason: "cap" | "level"): void =>
    part.groups.forEach((rows, g) => {
      if (quotas[g]! >= rows.length) return;
      const shuffled = random(seed, "plan", reason, part.name, values[g]!).shuffle(rows);
      for (const row of shuffled.slice(quotas[g])) removed.set(row, { row, reason });
    });
  const clusterPart = (cluster: number): Part => ({
    name: cluster < 0 ? "rows in no cluster" : `cluster ${cluster}`,
    groups: rowsOf((row) => labels[row] === cluster),
    cap: cluster < 0 ? Number.POSITIVE_INFINITY : (cap ?? Number.POSITIVE_INFINITY),
  });
  const counted = numbers.map((cluster) => clusterPart(cluster).groups.map((rows) => rows.length));

  if (per === "all") {
    for (const cluster of numbers) {
      const part = clusterPart(cluster);
      const counts = part.groups.map((rows) => rows.length);
      if (sum(counts) > part.cap) thin(part, level(counts, counts, part.cap, 0), "cap");
    }
  }
  const parts: readonly Part[] =
    per === "all"
      ? [{ name: "all rows", groups: rowsOf(() => true), cap: Number.POSITIVE_INFINITY }]
      : numbers.map(clusterPart);
  for (const part of parts) {
    const counts = part.groups.map((rows) => rows.length);
    if (sum(counts) > 0) thin(part, quotasOf(part, counts), "level");
  }

  const isKept = (row: number): boolean => !removed.has(row);
  const all = [...codes.keys()];
  return {
    attribute: name,
    per,
    target,
    ...(cap !== undefined && { cap }),
    seed,
    before: codes.length,
    keep: all.filter(isKept),
    remove: all.flatMap((row) => removed.get(row) ?? []),
    cells: numbers.flatMap((cluster, at) =>
      values.map((group, g) => {
        const members = all.filter((row) => labels[row] === cluster && codes[row] === g);
        const after = members.filter(isKept).length;
        return { cluster, group, before: members.length, distinct: counted[at]![g]!, after };
      }),
    ),
    problems,
  };

  function quotasOf(part: Part, counts: readonly number[]): number[] {
    const there = counts.map((n) => n > 0);
    const absent = values.filter((_, g) => !there[g] && shares[g]! > 0);
    if (absent.length > 0)
      problems.push(
        `${part.name}: no row of ${absent.join(", ")}; the others are levelled without`,
      );
    const groups = there.filter(Boolean).length;
    if (target === "smallest") {
      const least = Math.min(...counts.filter((n) => n > 0));
      const quota = Math.min(least, Math.floor(part.cap / groups));
      if (quota === 0)
        problems.push(`${part.name}: a cap of ${part.cap} leaves no row for ${groups} groups`);
      return counts.map((n) => Math.min(n, quota));
    }
    const present = sum(shares.filter((_, g) => there[g]));
    const wanted = shares.map((share, g) => (there[g] ? share / present : 0));
    const most = Math.min(...counts.flatMap((n, g) => (there[g] ? [n / wanted[g]!] : [])));
    // the whole numbers nearest to shares of a total, none above its count; slack for n / (n / N)
    return apportion(Math.min(part.cap, Math.floor(most + 1e-9)), wanted, counts);
  }
}

/** Shares of `total` in whole numbers, each less than 1 off (largest remainders, Hamilton). */
function apportion(total: number, shares: readonly number[], counts: readonly number[]): number[] {
  const quotas = shares.map((share, g) => Math.min(counts[g]!, Math.floor(total * share + 1e-9)));
  const order = [...shares.keys()]
    .filter((g) => quotas[g]! < counts[g]!)
    .toSorted(
      (a, b) => total * shares[b]! - quotas[b]! - (total * shares[a]! - quotas[a]!) || a - b,
    );
  for (const g of order.slice(0, Math.max(0, total - sum(quotas)))) quotas[g]! += 1;
  return quotas;
}

/** How the written files are read: keys of a config's data section, and of its balance section. */
export interface PlanFiles {
  /** Rows to keep, a manifest for `data.source: csv`. */
  readonly keep: string;
  /** Rows to remove: image, reason, and the image that is kept in a duplicate's place. */
  readonly remove: string;
  readonly columns: ManifestColumns;
}

/**
 * Writes keep.csv, remove.csv and plan.json. The kept rows have the attribute and their cluster, in the column
 * image_cluster, beside every label that all of them have.
 * @param rows of the data, in their order
 */
export async function writePlan(
  folder: string,
  plan: RebalancingPlan,
  rows: readonly Row[],
  { labels }: Pick<Clustering, "labels">,
  grouping: Grouping,
): Promise<PlanFiles> {
  const files = { keep: join(folder, "keep.csv"), remove: join(folder, "remove.csv") };
  const kept = plan.keep.map((row) => rows[row]!);
  const shared = (of: (row: Row) => object): string[] =>
    Object.keys(kept[0] ? of(kept[0]) : {}).filter((name) =>
      kept.every((row) => Object.hasOwn(of(row), name)),
    );
  const [names, numbers] = [shared((row) => row.labels), shared((row) => row.numbers)];
  const columns = await writeCsv(
    files.keep,
    plan.keep.map((number, i) => ({
      ...kept[i]!,
      labels: {
        ...Object.fromEntries(names.map((name) => [name, kept[i]!.labels[name]!])),
        [grouping.name]: grouping.values[grouping.codes[number]!]!,
        [CLUSTER_COLUMN]: labels[number]! < 0 ? "none" : String(labels[number]),
      },
      numbers: Object.fromEntries(numbers.map((name) => [name, kept[i]!.numbers[name]!])),
    })),
  );
  const image = (row: number): string => pathFrom(folder, rows[row]!.path);
  const removed = plan.remove.map(({ row, reason, of }) => [
    image(row),
    reason,
    of === undefined ? "" : image(of),
  ]);
  await writeFileAtomic(files.remove, stringify([["image", "reason", "kept instead"], ...removed]));
  await writeFileAtomic(join(folder, "plan.json"), `${JSON.stringify(plan, null, 2)}\n`);
  return { ...files, columns };
}
