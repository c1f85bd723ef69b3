/** @file Accuracy against the gap on validation: a dot for each alpha and k of every way to centre. */
import * as Plot from "@observablehq/plot";
import type { SweepTrial } from "../../debias/sweep/sweep.ts";
import type { SweepResult } from "../../debias/sweep/result.ts";
import type { Markup } from "../html/template.ts";
import { CORRECTED, PUBLISHED, fitOf, gapName, shortTitle } from "../sweep/model.ts";
import { INK, WIDTH, figure, numberAxis } from "./svg.ts";

const DRAWN = [
  { fit: PUBLISHED, color: "var(--c2)", label: `${shortTitle(PUBLISHED)} (published)` },
  { fit: CORRECTED, color: "var(--c1)", label: `${shortTitle(CORRECTED)} (corrected)` },
  {
    fit: { centring: "common", modality: "separate" },
    color: "var(--c4)",
    label: shortTitle({ centring: "common", modality: "separate" }),
  },
] as const;

interface Dot {
  readonly accuracy: number;
  readonly gap: number;
}

const dotOf = ({ accuracy, gap }: Pick<SweepTrial, "accuracy" | "gap">): Dot[] =>
  accuracy === null || gap === null ? [] : [{ accuracy, gap }];

export function tradeOffChart(result: SweepResult): Markup {
  const series = DRAWN.map(({ fit, color, label }) => ({
    color,
    label,
    dots: fitOf(result, fit).trials.flatMap(dotOf),
  }));
  const all = series.flatMap(({ dots }) => dots);
  const { setting } = result.chosen;
  const chosen = fitOf(result, setting)
    .trials.filter(({ k, alpha }) => k === setting.k && alpha === setting.alpha)
    .flatMap(dotOf);
  const untouched = result.sides
    .filter((side) => side.setting === null)
    .flatMap(({ validation }) => dotOf(validation));
  const [low, high] = [
    Math.min(...all.map(({ gap }) => gap)),
    Math.max(...all.map(({ gap }) => gap)),
  ];
  const at = { x: "accuracy", y: "gap" } as const;
  return figure(
    `Accuracy and ${gapName(result)} on validation`,
    `${all.length} settings of alpha and k by accuracy and ${gapName(result)}.`,
    {
      width: WIDTH.half,
      height: 360,
      marginLeft: 44,
      marginBottom: 40,
      marginTop: 10,
      x: {
        ...numberAxis(
          [
            Math.min(...all.map(({ accuracy }) => accuracy)) - 0.01,
            Math.max(...all.map(({ accuracy }) => accuracy)) + 0.01,
          ],
          5,
        ),
        label: "accuracy",
        labelAnchor: "center",
        labelArrow: "right",
      },
      y: { ...numberAxis([Math.min(0, low), Math.max(high, result.gap.limit) + 0.01], 6) },
      marks: [
        Plot.ruleY([result.gap.limit], { stroke: INK.worse, strokeDasharray: "5,3" }),
        ...series.map(({ dots, color }) =>
          Plot.dot(dots, { ...at, r: 3, fill: color, fillOpacity: 0.65 }),
        ),
        Plot.dot(untouched, { ...at, r: 5.5, stroke: INK.text, strokeWidth: 2, fill: INK.surface }),
        Plot.dot(chosen, { ...at, r: 6, stroke: INK.secondary, strokeWidth: 2.5 }),
      ],
    },
    [
      ...series.map(({ color, label }) => ({ label, color, shape: "dot" as const })),
      { label: "nothing removed", color: INK.text, shape: "ring" },
      { label: "chosen", color: INK.secondary, shape: "ring" },
      { label: `limit ${result.gap.limit}`, color: INK.worse, shape: "dash" },
    ],
    "Up is less fair.",
  );
}
