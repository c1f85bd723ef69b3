/** @file Training and validation loss by epoch, feasible epochs filled, the kept one ringed. */
import * as Plot from "@observablehq/plot";
import type { Markup } from "../html/template.ts";
import type { Trajectory } from "../model.ts";
import { INK, figure } from "./svg.ts";
import { epochAxis, keptLegend, keptRule } from "./epochs.ts";

export function lossChart(trajectory: Trajectory): Markup {
  const { epochs } = trajectory;
  return figure(
    "Loss",
    `Training and validation loss over ${epochs.length} epochs; epoch ${trajectory.selected} was kept.`,
    {
      height: 260,
      marginLeft: 44,
      x: epochAxis(epochs),
      y: { label: null, grid: true, nice: true, ticks: 5, tickSize: 0 },
      marks: [
        keptRule(trajectory),
        Plot.lineY(epochs, {
          x: "epoch",
          y: "trainLoss",
          stroke: INK.secondary,
          strokeWidth: 1.75,
        }),
        Plot.lineY(epochs, {
          x: "epoch",
          y: "validationLoss",
          stroke: INK.primary,
          strokeWidth: 1.75,
        }),
        Plot.dot(epochs, {
          x: "epoch",
          y: "validationLoss",
          r: 4,
          stroke: INK.primary,
          strokeWidth: 1.5,
          fill: (epoch: (typeof epochs)[number]) => (epoch.feasible ? INK.primary : INK.surface),
        }),
      ],
    },
    [
      { label: "train", color: INK.secondary, shape: "line" },
      { label: "validation", color: INK.primary, shape: "line" },
      { label: "feasible", color: INK.primary, shape: "dot" },
      { label: "not feasible", color: INK.primary, shape: "ring" },
      keptLegend(trajectory),
    ],
  );
}
