/** @file One group's share of the first k by k, beside its share of all rows and what random rankings have. */
import * as Plot from "@observablehq/plot";
import type { RetrievalAttribute } from "../../eval/retrieval/report.ts";
import { count, percent } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { isBeyondChance } from "../retrieval/tables.ts";
import { INK, WIDTH, figure } from "./svg.ts";

interface Point {
  readonly k: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

const BAND = "color-mix(in srgb, var(--muted) 22%, transparent)";

/** 1, 2, 5, 10, ... as far as they lie within. */
const ticksWithin = (from: number, to: number): number[] =>
  Array.from({ length: 24 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** Math.floor(i / 3)).filter(
    (k) => k >= from && k <= to,
  );

/**
 * @param ks that were asked for; the chart begins before the first of them, where shares jump less
 * @param level of the band, such as "95%"
 */
export function topSharesChart(
  of: RetrievalAttribute,
  group: string,
  ks: readonly number[],
  level: string,
): Markup {
  const { curve } = of;
  const { prior } = of.groups[group]!;
  const { share, low, high } = curve.groups[group]!;
  const from = Math.min(ks[0]!, Math.max(5, Math.floor(ks[0]! / 2)));
  const points = curve.k
    .map((k, i): Point => ({ k, share: share[i]!, low: low[i]!, high: high[i]! }))
    .filter(({ k }) => k >= from);
  const last = points.at(-1)!.k;
  const top = Math.min(1, 1.08 * Math.max(...points.flatMap((p) => [p.share, p.high]), 0.01));
  const asked = points.filter(({ k }) => ks.includes(k));
  const isBeyond = ({ k }: Point): boolean => isBeyondChance(of.groups[group]!.top[k]!);
  return figure(
    group,
    `Share of ${group} among the first k, from ${count(from)} to ${count(last)}; of all rows ${percent(prior)}.`,
    {
      height: 190,
      width: WIDTH.third,
      marginLeft: 42,
      marginRight: 14,
      marginTop: 10,
      marginBottom: 42,
      x: {
        type: "log",
        domain: [from, Math.max(last, from + 1)],
        label: "first k",
        labelArrow: "none",
        labelOffset: 36,
        ticks: ticksWithin(from, last),
        tickFormat: (k: number) => count(k),
      },
      y: {
        domain: [0, top],
        label: null,
        grid: true,
        ticks: 4,
        tickSize: 0,
        tickFormat: (y: number) => `${Math.round(100 * y)}%`,
      },
      marks: [
        Plot.areaY(points, {
          x: "k",
          y1: "low",
          y2: "high",
          fill: BAND,
        }),
        Plot.ruleY([prior], { stroke: INK.text, strokeOpacity: 0.5, strokeDasharray: "2,3" }),
        Plot.lineY(points, { x: "k", y: "share", stroke: INK.primary, strokeWidth: 2 }),
        Plot.dot(asked, {
          x: "k",
          y: "share",
          r: 4.5,
          strokeWidth: 1.75,
          stroke: (p: Point) => (isBeyond(p) ? INK.worse : INK.primary),
          fill: (p: Point) => (isBeyond(p) ? INK.worse : INK.surface),
        }),
      ],
    },
    [
      { label: "share of the first k", color: INK.primary, shape: "line" },
      { label: `of all rows ${percent(prior)}`, color: INK.text, shape: "dash" },
      { label: `${level} of random rankings`, color: BAND, shape: "area" },
    ],
  );
}
