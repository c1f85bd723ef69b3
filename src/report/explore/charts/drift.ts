/** @file Drift of neutral prompts: mean difference of similarities with its interval, one row a space and pair of ages. */
import * as Plot from "@observablehq/plot";
import { INK, WIDTH, nameAxis, numberAxis, shorten } from "../../charts/svg.ts";
import { signed } from "../../format.ts";
import type { Chart } from "./chart.ts";

export interface DriftRow {
  /** The space that it was measured in, such as "CLIP images". */
  readonly space: string;
  /** Such as "young − older". */
  readonly difference: string;
  readonly mean: number | null;
  readonly interval: readonly [number, number] | null;
}

/** @param towards what lies on either side of 0: left, right */
export function driftChart(
  title: string,
  rows: readonly DriftRow[],
  towards: readonly [string, string] | null = null,
): Chart {
  const drawn = rows.flatMap((row) =>
    row.mean === null
      ? []
      : [
          {
            ...row,
            mean: row.mean,
            low: row.interval?.[0] ?? row.mean,
            high: row.interval?.[1] ?? row.mean,
          },
        ],
  );
  const undefinedRows = rows.length - drawn.length;
  const differences = [...new Set(rows.map(({ difference }) => difference))];
  const spaces = [...new Set(rows.map(({ space }) => space))];
  const reach =
    1.15 * Math.max(...drawn.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]), 1e-6);
  const width = WIDTH.half + 100;
  const { margin, axis } = nameAxis(differences, width);
  const isClear = ({ low, high }: { low: number; high: number }): boolean => low > 0 || high < 0;
  const color = (row: { low: number; high: number }): string =>
    isClear(row) ? INK.primary : INK.muted;
  const spaceMargin = nameAxis(spaces, width).margin;
  return {
    title,
    description: `${drawn.map(({ space, difference, mean, low, high }) => `${space}, ${difference}: ${signed(mean)} [${signed(low)}, ${signed(high)}]`).join("; ")}.`,
    options: {
      width,
      height: 56 + 24 * differences.length * spaces.length + 10 * spaces.length,
      marginLeft: margin,
      marginRight: spaces.length > 1 ? spaceMargin : 14,
      marginTop: 10,
      marginBottom: 42,
      fy: {
        domain: spaces,
        label: null,
        tickFormat: (space: string) => shorten(space, 0.4 * width),
        axis: spaces.length > 1 ? "right" : null,
      },
      y: { ...axis },
      x: {
        ...numberAxis([-reach, reach], 5),
        label: towards ? `← ${towards[0]} · ${towards[1]} →` : "mean difference of similarities",
        labelAnchor: "center",
        labelArrow: "none",
      },
      color: { type: "identity" },
      marks: [
        Plot.ruleX([0], { stroke: INK.muted, strokeDasharray: "2,3" }),
        Plot.link(drawn, {
          fy: "space",
          y1: "difference",
          y2: "difference",
          x1: "low",
          x2: "high",
          stroke: color,
          strokeWidth: 2.5,
        }),
        Plot.dot(drawn, { fy: "space", y: "difference", x: "mean", r: 4.5, fill: color }),
        Plot.text(drawn, {
          fy: "space",
          y: "difference",
          x: "mean",
          text: ({ mean }: { mean: number }) => signed(mean),
          dy: -9,
          fontSize: 10,
          fill: INK.text,
          stroke: INK.surface,
          strokeWidth: 3,
        }),
      ],
    },
    legend: [
      { label: "interval without 0", color: INK.primary, shape: "line" },
      { label: "interval with 0", color: INK.muted, shape: "line" },
    ],
    note:
      undefinedRows > 0
        ? `Undefined, so not drawn: ${undefinedRows} of ${rows.length} differences.`
        : null,
  };
}
