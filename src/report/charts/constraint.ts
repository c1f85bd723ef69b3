/** @file One constraint by epoch: its limit, the side where it holds, and which epochs are feasible. */
import * as Plot from "@observablehq/plot";
import type { Markup } from "../html/template.ts";
import { constraintOf, limit, metricOf } from "../format.ts";
import type { Constraint, Trajectory } from "../model.ts";
import { epochAxis, keptLegend, keptRule } from "./epochs.ts";
import { meets } from "../verdict.ts";
import { INK, figure } from "./svg.ts";

interface Point {
  readonly epoch: number;
  readonly value: number;
  readonly holds: boolean;
  readonly feasible: boolean;
}

const ink = ({ holds }: Point): string => (holds ? INK.better : INK.worse);

/** @param index of the rule in `trajectory.constraints` */
export function constraintChart(trajectory: Trajectory, rule: Constraint, index: number): Markup {
  const points = trajectory.epochs.flatMap(({ epoch, constraints, feasible }): Point[] => {
    const value = constraints[index]?.value ?? null;
    const holds = value !== null && meets(value, rule);
    return value === null ? [] : [{ epoch, value, holds, feasible }];
  });
  const top = 1.1 * Math.max(rule.limit, ...points.map(({ value }) => value));
  const [from, to] = rule.rule === "at most" ? [0, rule.limit] : [rule.limit, top];
  return figure(
    `${metricOf(rule.metric, rule.attribute)} on validation`,
    `${constraintOf(rule)} over ${trajectory.epochs.length} epochs: ${points.filter((p) => p.feasible).length} are feasible.`,
    {
      height: 260,
      marginLeft: 44,
      x: epochAxis(trajectory.epochs),
      y: { label: null, grid: true, domain: [0, top], ticks: 5, tickSize: 0 },
      marks: [
        Plot.rectY([rule.limit], {
          y1: from,
          y2: to,
          fill: INK.better,
          fillOpacity: 0.1,
        }),
        Plot.ruleY([rule.limit], { stroke: INK.worse, strokeWidth: 1.5, strokeDasharray: "5,3" }),
        keptRule(trajectory),
        Plot.lineY(points, { x: "epoch", y: "value", stroke: INK.muted, strokeWidth: 1.25 }),
        Plot.dot(points, {
          x: "epoch",
          y: "value",
          r: 4.5,
          strokeWidth: 1.75,
          stroke: ink,
          fill: (p: Point) => (p.feasible ? ink(p) : INK.surface),
        }),
      ],
    },
    [
      { label: "feasible epoch", color: INK.better, shape: "dot" },
      ...(trajectory.constraints.length > 1
        ? [{ label: "this limit only", color: INK.better, shape: "ring" as const }]
        : []),
      { label: "beyond", color: INK.worse, shape: "ring" },
      { label: `limit ${limit(rule.limit)}`, color: INK.worse, shape: "dash" },
      keptLegend(trajectory),
    ],
  );
}
