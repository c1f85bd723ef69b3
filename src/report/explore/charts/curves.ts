/** @file Curves by which a number is chosen: eps of DBSCAN, k of k-means. */
import * as Plot from "@observablehq/plot";
import { INK, WIDTH, numberAxis } from "../../charts/svg.ts";
import { count } from "../../format.ts";
import type { Chart } from "./chart.ts";

const FRAME = {
  width: WIDTH.half,
  height: 300,
  marginLeft: 52,
  marginRight: 24,
  marginTop: 12,
  marginBottom: 40,
} as const;
const named = (label: string): Plot.ScaleOptions => ({
  label,
  labelAnchor: "center",
  labelArrow: "none",
});
/** Enough for the eye. */
const MOST_POINTS = 400;

/** Every so manieth, the first and the last among them. */
function thinned<T>(items: readonly T[]): T[] {
  const last = items.length - 1;
  if (last < MOST_POINTS) return [...items];
  return Array.from(
    { length: MOST_POINTS },
    (_, i) => items[Math.round((i * last) / (MOST_POINTS - 1))]!,
  );
}

/**
 * The distance of each row to its k-th neighbour, sorted: eps is read where the curve bends.
 * @param distances ascending
 * @param eps that was taken; null where there is none
 */
export function kDistanceChart(
  title: string,
  distances: ArrayLike<number>,
  k: number,
  eps: number | null,
): Chart {
  const points = thinned(Array.from(distances, (distance, i) => ({ row: i + 1, distance })));
  const top = Math.max(points.at(-1)?.distance ?? 0, eps ?? 0, Number.MIN_VALUE);
  return {
    title,
    description: `Distances of ${count(distances.length)} rows to their neighbour ${k}, sorted${eps === null ? "" : `; eps ${eps.toPrecision(3)}`}.`,
    options: {
      ...FRAME,
      x: { ...numberAxis([0, Math.max(1, distances.length)], 5), ...named("rows, sorted") },
      y: { ...numberAxis([0, 1.05 * top], 5), ...named(`distance to neighbour ${k}`) },
      marks: [
        ...(eps === null
          ? []
          : [
              Plot.ruleY([eps], {
                stroke: INK.secondary,
                strokeDasharray: "4,3",
                strokeWidth: 1.5,
              }),
            ]),
        Plot.lineY(points, { x: "row", y: "distance", stroke: INK.primary, strokeWidth: 2 }),
      ],
    },
    legend:
      eps === null
        ? []
        : [{ label: `eps ${eps.toPrecision(3)}`, color: INK.secondary, shape: "dash" }],
    note: null,
  };
}

export interface KTrial {
  readonly k: number;
  /** Mean silhouette; null where it is undefined. */
  readonly silhouette: number | null;
  /** Sum of squared distances to centres. */
  readonly inertia: number;
}

/** All, or as many as have room, evenly. */
const ticksOf = (ks: readonly number[]): number[] =>
  ks.filter((_, i) => i % Math.ceil(ks.length / 12) === 0);

/** One value by k, the chosen one marked. */
function kChart(
  title: string,
  what: string,
  points: readonly { readonly k: number; readonly value: number }[],
  chosen: number,
): Chart {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values, 0), Math.max(...values)];
  const ks = points.map(({ k }) => k);
  return {
    title,
    description: `${what} for ${points.map(({ k, value }) => `k ${k}: ${value.toPrecision(3)}`).join("; ")}.`,
    options: {
      ...FRAME,
      x: {
        ...numberAxis([Math.min(...ks), Math.max(...ks, Math.min(...ks) + 1)], 6),
        ticks: ticksOf(ks),
        ...named("k"),
        tickFormat: "d",
      },
      y: { ...numberAxis([low, high + 0.05 * Math.max(high - low, 1e-12)], 5), ...named(what) },
      marks: [
        Plot.ruleX([chosen], { stroke: INK.secondary, strokeDasharray: "4,3", strokeWidth: 1.5 }),
        Plot.lineY(points, { x: "k", y: "value", stroke: INK.primary, strokeWidth: 2 }),
        Plot.dot(points, {
          x: "k",
          y: "value",
          r: 4,
          stroke: INK.primary,
          fill: ({ k }: { k: number }) => (k === chosen ? INK.primary : INK.surface),
        }),
      ],
    },
    legend: [{ label: `k ${chosen}, chosen`, color: INK.secondary, shape: "dash" }],
    note: null,
  };
}

/** Mean silhouette by k, and the elbow of inertia, in that order; without silhouettes only the elbow. */
export function kCharts(title: string, trials: readonly KTrial[], chosen: number): Chart[] {
  const silhouettes = trials.flatMap(({ k, silhouette }) =>
    silhouette === null ? [] : [{ k, value: silhouette }],
  );
  return [
    ...(silhouettes.length > 0
      ? [kChart(`${title}: silhouette`, "mean silhouette", silhouettes, chosen)]
      : []),
    kChart(
      `${title}: elbow`,
      "inertia",
      trials.map(({ k, inertia }) => ({ k, value: inertia })),
      chosen,
    ),
  ];
}
