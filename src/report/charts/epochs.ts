/** @file What the charts over epochs share: the axis, and the line at the kept epoch. */
import * as Plot from "@observablehq/plot";
import type { Epoch, Trajectory } from "../model.ts";
import { INK, type Legend } from "./svg.ts";

/** Whole epochs, at most ten ticks, half an epoch of air on each side. */
export function epochAxis(epochs: readonly Epoch[]): Plot.ScaleOptions {
  const numbers = epochs.map(({ epoch }) => epoch);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const step = Math.max(1, Math.ceil(numbers.length / 10));
  return {
    label: "epoch",
    labelArrow: "none",
    domain: [first - 0.4, last + 0.4],
    ticks: numbers.filter((_, i) => i % step === 0),
    tickFormat: "d",
  };
}

export const keptRule = (trajectory: Trajectory): Plot.RuleX =>
  Plot.ruleX([trajectory.selected], {
    stroke: INK.text,
    strokeOpacity: 0.45,
    strokeDasharray: "2,3",
  });

export const keptLegend = (trajectory: Trajectory): Legend => ({
  label: `kept: epoch ${trajectory.selected}`,
  color: INK.text,
  shape: "dash",
});
