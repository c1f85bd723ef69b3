/** @file The charts of an exploration that follow from its result alone, each with the name of its file. */
import type { ClusteringResult, DriftResult, SpaceResult } from "../../explore/result.ts";
import type { Chart } from "./charts/chart.ts";
import { kCharts, kDistanceChart } from "./charts/curves.ts";
import { distanceChart } from "./charts/distances.ts";
import { driftChart } from "./charts/drift.ts";
import { cosineChart, liftChart } from "./charts/heat-map.ts";
import { chartRows } from "./tables/drift.ts";

export interface NamedChart {
  /** Of a file, without its ending. */
  readonly file: string;
  readonly chart: Chart;
}

/** A name as part of a file's. */
export const fileWord = (name: string): string =>
  name.replace(/[^\p{L}\p{N}.-]+/gu, "-").replace(/^-+|-+$/g, "") || "x";

/** Groups beyond which a heat map of lifts is no longer read. */
const MOST_GROUPS = 24;

/** How clusters are made up, and how their number came about. */
export function clusteringCharts(space: SpaceResult, clustering: ClusteringResult): NamedChart[] {
  const { name, groups, names, choice } = clustering;
  const prefix = `${fileWord(space.name)}-${fileWord(name)}`;
  const clusters = names.map(({ words }, c) => (words ? `${c}: ${words[0]}` : `${c}`));
  const lifts = groups
    .filter(
      (of) => of.groups.length > 1 && of.groups.length <= MOST_GROUPS && of.clusters.length > 1,
    )
    .map((of) => ({
      file: `${prefix}-${fileWord(of.attribute)}-lift`,
      chart: liftChart(
        `${space.name}, ${name}: lift of ${of.attribute}`,
        clusters,
        of.groups.map(({ group }) => group),
        of.clusters.map((cluster) =>
          cluster.groups.map(({ lift, rows }) => ({ lift: lift.value, rows, of: cluster.rows })),
        ),
      ),
    }));
  if (choice === null) return lifts;
  const title = `${space.name}, ${name}`;
  if (choice.of === "eps")
    return [
      ...lifts,
      {
        file: `${prefix}-k-distance`,
        chart: kDistanceChart(
          `${title}: distances`,
          choice.curve,
          choice.k,
          clustering.settings["eps"] ?? null,
        ),
      },
    ];
  const trials = choice.k.map((k, i) => ({
    k,
    silhouette: choice.silhouette[i]!,
    inertia: choice.inertia[i]!,
  }));
  return [
    ...lifts,
    ...kCharts(title, trials, clustering.clusters).map((chart, i) => ({
      file: `${prefix}-k-${i + 1}`,
      chart,
    })),
  ];
}

/** Distances of pairs with the same and with different labels. */
export const recognitionCharts = ({ name, recognition }: SpaceResult): NamedChart[] =>
  recognition.flatMap(({ attribute, distances }) =>
    distances
      ? [
          {
            file: `${fileWord(name)}-${fileWord(attribute)}-distances`,
            chart: distanceChart(`${name}: distances by ${attribute}`, {
              edges: distances.edges,
              same: distances.same.shares,
              different: distances.different.shares,
            }),
          },
        ]
      : [],
  );

/** Cosines of few rows with each other. */
export const cosineCharts = (
  { name, cosines }: SpaceResult,
  ids: readonly string[],
): NamedChart[] =>
  cosines && cosines.length > 1 && cosines.every((row) => row.every((value) => value !== null))
    ? [
        {
          file: `${fileWord(name)}-cosines`,
          chart: cosineChart(`${name}: cosines`, ids, cosines.flat() as number[]),
        },
      ]
    : [];

/** Differences of the similarities to two ages, in every space. */
export const driftCharts = ({ statistics }: DriftResult): NamedChart[] => [
  {
    file: "drift",
    chart: driftChart(
      "Is neutral nearer to the first age than to the second?",
      chartRows(statistics),
      ["nearer to the second", "nearer to the first"],
    ),
  },
];
