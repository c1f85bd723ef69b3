/** @file Distances of pairs of one label against those of different labels. */
import * as Plot from "@observablehq/plot";
import { INK, WIDTH, numberAxis } from "../../charts/svg.ts";
import { count } from "../../format.ts";
import type { Chart } from "./chart.ts";

/** Pairs by their distance: bin i reaches from edges[i] to edges[i + 1]. */
export interface PairHistogram {
  /** [bins + 1] */
  readonly edges: ArrayLike<number>;
  /** [bins] */
  readonly same: ArrayLike<number>;
  readonly different: ArrayLike<number>;
}

/** Shares of the pairs of either kind by distance: where they overlap, distance does not tell labels apart. */
export function distanceChart(
  title: string,
  { edges, same, different }: PairHistogram,
  distance = "distance",
): Chart {
  const sides = [
    { name: "same label", counts: Array.from(same), color: INK.primary },
    { name: "different labels", counts: Array.from(different), color: INK.secondary },
  ].map((side) => ({ ...side, total: side.counts.reduce((a, b) => a + b, 0) }));
  const drawn = sides.map((side) => ({ ...side, steps: stepsOf(edges, side.counts, side.total) }));
  const top = Math.max(...drawn.flatMap(({ steps }) => steps.map(({ share }) => share)), 0.001);
  return {
    title,
    description: `Shares of pairs by ${distance}: ${sides.map(({ name, total }) => `${count(total)} of ${name}`).join(", ")}.`,
    options: {
      width: WIDTH.half,
      height: 300,
      marginLeft: 46,
      marginRight: 12,
      marginTop: 12,
      marginBottom: 40,
      x: {
        ...numberAxis([edges[0]!, edges[edges.length - 1]!], 6),
        grid: false,
        label: distance,
        labelAnchor: "center",
        labelArrow: "none",
      },
      y: {
        ...numberAxis([0, 1.05 * top], 4),
        tickFormat: (share: number) => `${Number((100 * share).toFixed(1))}%`,
      },
      marks: [
        ...drawn.flatMap(({ color, steps }) => [
          Plot.areaY(steps, { x: "at", y: "share", fill: color, fillOpacity: 0.35 }),
          Plot.lineY(steps, { x: "at", y: "share", stroke: color, strokeWidth: 1.75 }),
        ]),
        Plot.ruleY([0], { stroke: INK.muted }),
      ],
    },
    legend: sides.map(({ name, total, color }) => ({
      label: `${name} (${count(total)} pairs)`,
      color,
      shape: "area",
    })),
    note: null,
  };
}

/** The outline of the bars. */
const stepsOf = (edges: ArrayLike<number>, counts: readonly number[], total: number) =>
  counts.flatMap((pairs, i) => {
    const share = total > 0 ? pairs / total : 0;
    return [
      { at: edges[i]!, share },
      { at: edges[i + 1]!, share },
    ];
  });
