/** @file What the first k directions of a subspace hold: explained variance, and the difference of class means. */
import * as Plot from "@observablehq/plot";
import type { SweepFit, SweepResult } from "../../debias/sweep/result.ts";
import type { Markup } from "../html/template.ts";
import { fitTitle, shortTitle } from "../sweep/model.ts";
import { INK, WIDTH, figure, numberAxis } from "./svg.ts";

const SIZE = {
  width: WIDTH.small,
  height: 240,
  marginLeft: 40,
  marginBottom: 40,
  marginTop: 10,
} as const;

/** 1, 2, 5, 10, ... */
const ticksTo = (most: number): number[] =>
  Array.from({ length: 12 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** Math.floor(i / 3)).filter(
    (k) => k <= most,
  );

const kAxis = (most: number): Plot.ScaleOptions => ({
  type: "log",
  domain: [1, Math.max(2, most)],
  label: "k",
  labelAnchor: "center",
  labelArrow: "none",
  ticks: ticksTo(most),
  tickFormat: (k: number) => String(k),
});

/** Of each direction, and of all up to it. */
export function varianceChart(fit: SweepFit): Markup {
  let sum = 0;
  const points = fit.image.share.map((share, i) => ({
    k: i + 1,
    share,
    cumulative: (sum += share),
  }));
  return figure(
    fitTitle(fit),
    `Explained variance of ${points.length} directions, each and cumulated; the first holds ${points[0]!.share.toFixed(2)}.`,
    {
      ...SIZE,
      x: kAxis(points.length),
      y: { ...numberAxis([0, 1], 5) },
      marks: [
        Plot.lineY(points, { x: "k", y: "cumulative", stroke: INK.primary, strokeWidth: 2 }),
        Plot.lineY(points, { x: "k", y: "share", stroke: INK.secondary, strokeWidth: 2 }),
      ],
    },
    [
      { label: "cumulated", color: INK.primary, shape: "line" },
      { label: "of each direction", color: INK.secondary, shape: "line" },
    ],
  );
}

const COLORS = { class: "var(--c2)", pairs: "var(--c1)", common: "var(--c4)" } as const;

/** How much of the difference of class means each way to centre finds. */
export function signalChart({ fits, attribute }: SweepResult): Markup {
  const lines = fits.flatMap((fit) =>
    fit.image.signal
      ? [{ fit, points: fit.image.signal.map((signal, i) => ({ k: i + 1, signal })) }]
      : [],
  );
  const most = Math.max(2, ...lines.map(({ points }) => points.length));
  return figure(
    `How much of ${attribute} the first k directions hold`,
    `Length of the difference of class means projected on the first k directions over its own length; at k = 1: ${lines.map(({ fit, points }) => `${fitTitle(fit)} ${points[0]!.signal.toFixed(2)}`).join("; ")}.`,
    {
      width: WIDTH.half,
      height: 360,
      marginLeft: 44,
      marginBottom: 40,
      marginTop: 10,
      x: kAxis(most),
      y: { ...numberAxis([0, 1], 5) },
      marks: lines.map(({ fit, points }) =>
        Plot.lineY(points, {
          x: "k",
          y: "signal",
          stroke: COLORS[fit.centring],
          strokeWidth: 2,
          ...(fit.modality === "pooled" ? { strokeDasharray: "5,3" } : {}),
        }),
      ),
    },
    lines.map(({ fit }) => ({
      label: shortTitle(fit),
      color: COLORS[fit.centring],
      shape: fit.modality === "pooled" ? ("dash" as const) : ("line" as const),
    })),
    "Length of the difference of class means in the subspace, over its own length: near 0 the attribute stays, near 1 it is removed.",
  );
}
