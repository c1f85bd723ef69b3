/** @file How well probes tell a concept before and after each method, beside chance. */
import * as Plot from "@observablehq/plot";
import { type TaskView, numberOf } from "../compare/model.ts";
import { decimal } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { INK, WIDTH, figure, nameAxis, numberAxis } from "./svg.ts";

const PROBES = [
  { metric: "leakage.linear", label: "linear probe", color: INK.primary, dy: -4 },
  { metric: "leakage.nonlinear", label: "nonlinear probe", color: INK.secondary, dy: 4 },
] as const;

/** Null where no probe was fitted. */
export function leakageChart({ base, methods }: TaskView, concept: string): Markup | null {
  const of = PROBES.map(({ metric, label, color, dy }) => ({
    label,
    color,
    dy,
    before: numberOf(base, metric, concept)?.mean ?? null,
    rows: methods.flatMap((method) => {
      const after = numberOf(method, metric, concept)?.mean;
      return after == null ? [] : [{ name: method.name, after }];
    }),
  })).filter(({ before, rows }) => before !== null && rows.length > 0);
  const chance = numberOf(base, "leakage.linear", concept)?.chance ?? null;
  if (of.length === 0 || chance === null) return null;
  const drawn = methods
    .map(({ name }) => name)
    .filter((name) => of.some(({ rows }) => rows.some((row) => row.name === name)));
  const values = of.flatMap(({ before, rows }) => [before!, ...rows.map(({ after }) => after)]);
  const { margin, axis } = nameAxis(drawn, WIDTH.half);
  return figure(
    `How well ${concept} is told from embeddings`,
    `Balanced accuracy of probes for ${concept} after ${drawn.length} methods, before (${of.map(({ label, before }) => `${label} ${decimal(before!)}`).join(", ")}), and chance ${decimal(chance)}.`,
    {
      height: 32 + 26 * drawn.length,
      marginLeft: margin,
      marginTop: 8,
      marginRight: 14,
      x: numberAxis([Math.min(chance, ...values) - 0.03, Math.max(...values) + 0.02], 6),
      y: axis,
      marks: [
        Plot.ruleX([chance], { stroke: INK.text, strokeDasharray: "4,3", strokeOpacity: 0.7 }),
        ...of.flatMap(({ before, rows, color, dy }) => [
          Plot.ruleX([before!], { stroke: color, strokeOpacity: 0.5 }),
          Plot.link(rows, {
            x1: () => before!,
            x2: "after",
            y1: "name",
            y2: "name",
            dy,
            stroke: color,
            strokeWidth: 3,
            strokeOpacity: 0.35,
          }),
          Plot.dot(rows, { x: "after", y: "name", dy, r: 4, fill: color }),
        ]),
      ],
    },
    [
      ...of.map(({ label, color, before }) => ({
        label: `${label}, before ${decimal(before!)}`,
        color,
        shape: "dot" as const,
      })),
      { label: `chance ${decimal(chance)}`, color: INK.text, shape: "dash" },
    ],
  );
}
