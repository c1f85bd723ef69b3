/** @file Style or content? How far clusters follow brightness, sharpness and size, beside how far they follow groups. */
import type { Loader } from "../../data/loader.ts";
import { holm } from "../../eval/uncertainty/holm.ts";
import { twoSidedNormal } from "../../eval/uncertainty/intervals.ts";
import { type Progress, silent } from "../../run/progress.ts";
import type { Clustering } from "../cluster/clustering.ts";
import type { Grouping } from "../grouping.ts";
import { associationOf, contingency, marginsOf } from "./contingency.ts";
import { permutationP, rowsByCluster } from "./permutation.ts";

/** What a picture is like whatever it shows, with the words for little and much of it. */
export const CONTROLS = {
  brightness: { label: "brightness", low: "dark", high: "bright" },
  contrast: { label: "contrast", low: "flat", high: "rich in contrast" },
  sharpness: { label: "sharpness", low: "blurred", high: "sharp" },
  width: { label: "width", low: "narrow", high: "wide" },
  height: { label: "height", low: "low", high: "high" },
  bytes: { label: "file size", low: "small files", high: "large files" },
} as const;
export type Control = keyof typeof CONTROLS;
const NAMES = Object.keys(CONTROLS) as Control[];

/** Of every row; NaN where it cannot be told. [n] */
export type ControlValues = Readonly<Record<Control, Float64Array>>;

/**
 * Decodes every image once, some at a time, and keeps six numbers of each.
 * @param paths of the rows; null for rows without a picture
 */
export async function measureControls(
  paths: readonly (string | null)[],
  loader: Loader,
  progress: Progress = silent,
): Promise<{
  readonly values: ControlValues;
  readonly unreadable: readonly { readonly row: number; readonly reason: string }[];
}> {
  const values = Object.fromEntries(
    NAMES.map((name) => [name, new Float64Array(paths.length).fill(Number.NaN)]),
  ) as Record<Control, Float64Array>;
  const unreadable: { row: number; reason: string }[] = [];
  const rows = [...paths.keys()].filter((row) => paths[row] !== null);
  let done = 0;
  progress.start("pictures", rows.length);
  await loader.load(
    "measure",
    rows.map((row) => paths[row]!),
    null,
    (index, result) => {
      const row = rows[index]!;
      if (typeof result === "string") unreadable.push({ row, reason: result });
      else for (const name of NAMES) values[name][row] = result[name] ?? Number.NaN;
      progress.update(++done);
    },
  );
  progress.stop();
  return { values, unreadable: unreadable.toSorted((a, b) => a.row - b.row) };
}

/** How far all clusters together follow a control, or an attribute. */
export interface Explained {
  readonly name: string;
  readonly kind: "control" | "group";
  /** Rows in a cluster for which it is known. */
  readonly rows: number;
  /** Share of its variance that clusters explain: eta squared, or Goodman and Kruskal's tau of groups. */
  readonly explained: number | null;
  /** Without what chance explains; may be below 0. */
  readonly corrected: number | null;
  /** Of permutations, margins fixed; corrected for all controls and attributes (Holm). Null for groups, see their tables. */
  readonly pValue: number | null;
  readonly pHolm: number | null;
  readonly reason?: string;
}

/** A control in one cluster against all other rows. */
export interface ControlInCluster {
  readonly control: Control;
  readonly rows: number;
  readonly mean: number | null;
  readonly restMean: number | null;
  /**
   * 2 AUC - 1: how much more often a row of the cluster has more of it than one outside than the other way round; -1 to 1
   * (Cliff's delta). Of a group it is the difference of its shares in and outside of the cluster.
   */
  readonly strength: number | null;
  /** Mann and Whitney's test, normal with ties; corrected for all clusters and controls (Holm). */
  readonly pValue: number | null;
  readonly pHolm: number | null;
}

/** The group in whose share a cluster differs most from the other rows. */
export interface GroupStrength {
  readonly attribute: string;
  readonly group: string;
  readonly strength: number;
}

export interface StyleFlag extends ControlInCluster {
  readonly cluster: number;
  readonly size: number;
  /** Such as "dark". */
  readonly looks: string;
  readonly strongest: GroupStrength | null;
}

export interface ControlAudit {
  /** Controls and attributes, most explained first. */
  readonly overall: readonly Explained[];
  readonly clusters: readonly {
    readonly cluster: number;
    readonly rows: number;
    readonly controls: readonly ControlInCluster[];
    readonly strongest: GroupStrength | null;
  }[];
  /** Clusters that look alike more than they share a group: style rather than content. */
  readonly flags: readonly StyleFlag[];
}

export interface ControlOptions {
  readonly permutations?: number;
  readonly seed?: number;
  /** Least |strength| of a flag: 0.8 is an AUC of 0.9. */
  readonly strength?: number;
  readonly minSize?: number;
  readonly level?: number;
}

/** @param values as `measureControls` gives them, of the rows that were clustered */
export function auditControls(
  { labels, clusters }: Pick<Clustering, "labels" | "clusters">,
  values: ControlValues,
  groupings: readonly Grouping[],
  {
    permutations = 500,
    seed = 0,
    strength: least = 0.8,
    minSize = 20,
    level = 0.05,
  }: ControlOptions = {},
): ControlAudit {
  const sizes = new Int32Array(clusters);
  labels.forEach((cluster) => {
    if (cluster >= 0) sizes[cluster]! += 1;
  });
  const explained = NAMES.map((name) =>
    explainedBy(name, values[name], labels, clusters, permutations, seed),
  );
  const overall = [
    ...corrected(explained),
    ...groupings.map((of) => explainedGroup(of, labels, clusters)),
  ];
  const ranked = NAMES.map((name) => inClusters(name, values[name], labels, clusters));
  const tested = corrected(ranked.flat());
  const strongest = strongestGroups(groupings, labels, clusters);
  const found = Array.from(sizes, (rows, cluster) => ({
    cluster,
    rows,
    controls: NAMES.map((_, at) => tested[at * clusters + cluster]!),
    strongest: strongest[cluster]!,
  }));
  return {
    overall: overall.toSorted((a, b) => (b.corrected ?? -2) - (a.corrected ?? -2)),
    clusters: found,
    flags: found
      .flatMap(({ cluster, rows, controls, strongest }) =>
        controls.flatMap((of): StyleFlag[] => {
          const { strength, pHolm, control } = of;
          const isStyle =
            strength !== null &&
            rows >= minSize &&
            Math.abs(strength) >= least &&
            Math.abs(strength) > Math.abs(strongest?.strength ?? 0) &&
            (pHolm ?? 1) <= level;
          const looks = CONTROLS[control][strength !== null && strength < 0 ? "low" : "high"];
          return isStyle ? [{ ...of, cluster, size: rows, looks, strongest }] : [];
        }),
      )
      .toSorted((a, b) => Math.abs(b.strength!) - Math.abs(a.strength!)),
  };
}

/** Adds Holm's correction: all are one family. */
function corrected<T extends { readonly pValue: number | null }>(
  tests: readonly T[],
): (T & { readonly pHolm: number | null })[] {
  const all = holm(tests.flatMap(({ pValue }) => pValue ?? []));
  let next = 0;
  return tests.map((test) => ({ ...test, pHolm: test.pValue === null ? null : all[next++]! }));
}

function explainedBy(
  name: Control,
  values: Float64Array,
  labels: Int32Array,
  clusters: number,
  permutations: number,
  seed: number,
): Omit<Explained, "pHolm"> {
  const { order, start } = rowsByCluster(labels, clusters, (row) => !Number.isNaN(values[row]));
  const of = Float64Array.from(order, (row) => values[row]!);
  const n = of.length;
  const mean = of.reduce((sum, value) => sum + value, 0) / n;
  const centred = of.map((value) => value - mean); // sums of squares would cancel otherwise
  const total = centred.reduce((sum, value) => sum + value * value, 0);
  const filled = start.subarray(1).filter((end, c) => end > start[c]!).length;
  const shared = { name: CONTROLS[name].label, kind: "control", rows: n } as const;
  const reason =
    n === 0
      ? "no picture could be measured"
      : filled < 2
        ? "all rows are in one cluster"
        : !(total > n * (1e-9 * mean) ** 2)
          ? "it is the same in all pictures"
          : null;
  if (reason !== null) return { ...shared, explained: null, corrected: null, pValue: null, reason };
  const between = (dealt: Float64Array): number => {
    let sum = 0;
    for (let c = 0; c < clusters; c++) {
      let ofCluster = 0;
      for (let i = start[c]!; i < start[c + 1]!; i++) ofCluster += dealt[i]!;
      if (start[c + 1]! > start[c]!) sum += (ofCluster * ofCluster) / (start[c + 1]! - start[c]!);
    }
    return sum;
  };
  const explained = between(centred) / total;
  return {
    ...shared,
    explained,
    corrected: n > filled ? 1 - ((1 - explained) * (n - 1)) / (n - filled) : 0,
    pValue: permutationP(centred, between, permutations, seed, "control", name),
  };
}

function explainedGroup(grouping: Grouping, labels: Int32Array, clusters: number): Explained {
  const found = associationOf(
    contingency(labels, grouping.codes, clusters, grouping.values.length),
  );
  const isThere = !Number.isNaN(found.explained);
  return {
    name: grouping.name,
    kind: "group",
    rows: found.total,
    explained: isThere ? found.explained : null,
    corrected: isThere ? found.explainedCorrected : null,
    pValue: null,
    pHolm: null,
    ...(!isThere && { reason: "fewer than two groups or clusters have rows" }),
  };
}

/** Every cluster against all other rows, by ranks. */
function inClusters(
  control: Control,
  values: Float64Array,
  labels: Int32Array,
  clusters: number,
): Omit<ControlInCluster, "pHolm">[] {
  const known = Int32Array.from(values.keys())
    .filter((row) => !Number.isNaN(values[row]))
    .sort((a, b) => values[a]! - values[b]!);
  const n = known.length;
  const rows = new Float64Array(clusters);
  const sums = new Float64Array(clusters);
  const ranks = new Float64Array(clusters);
  let [all, ties] = [0, 0];
  for (let from = 0, to = 0; from < n; from = to) {
    while (to < n && values[known[to]!] === values[known[from]!]) to++;
    ties += (to - from) ** 3 - (to - from);
    const rank = (from + 1 + to) / 2; // of equal values their mean rank
    for (let i = from; i < to; i++) {
      const cluster = labels[known[i]!]!;
      all += values[known[i]!]!;
      if (cluster < 0) continue;
      rows[cluster]! += 1;
      sums[cluster]! += values[known[i]!]!;
      ranks[cluster]! += rank;
    }
  }
  return Array.from(rows, (m, c) => {
    const rest = n - m;
    const mean = m > 0 ? sums[c]! / m : null;
    const restMean = rest > 0 ? (all - sums[c]!) / rest : null;
    const variance = ((m * rest) / 12) * (n + 1 - ties / (n * (n - 1)));
    if (!(variance > 0)) return { control, rows: m, mean, restMean, strength: null, pValue: null };
    const above = ranks[c]! - (m * (m + 1)) / 2 - (m * rest) / 2;
    return {
      control,
      rows: m,
      mean,
      restMean,
      strength: above / ((m * rest) / 2),
      pValue: twoSidedNormal(above / Math.sqrt(variance)),
    };
  });
}

function strongestGroups(
  groupings: readonly Grouping[],
  labels: Int32Array,
  clusters: number,
): (GroupStrength | null)[] {
  const best: (GroupStrength | null)[] = Array.from({ length: clusters }, () => null);
  for (const { name, values, codes } of groupings) {
    const table = contingency(labels, codes, clusters, values.length);
    const { row, column, total } = marginsOf(table);
    values.forEach((group, g) => {
      for (let c = 0; c < clusters; c++) {
        const [here, rest] = [row[c]!, total - row[c]!];
        if (here === 0 || rest === 0) continue;
        const count = table.counts[c * values.length + g]!;
        const strength = count / here - (column[g]! - count) / rest;
        if (Math.abs(strength) > Math.abs(best[c]?.strength ?? 0))
          best[c] = { attribute: name, group, strength };
      }
    });
  }
  return best;
}
