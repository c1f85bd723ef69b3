/** @file The gaps of one attribute beside those that a fair model of the same counts shows. */
import * as Plot from "@observablehq/plot";
import type { Attribute, Report } from "../../eval/report.ts";
import {
  type Judged,
  type Valued,
  isBeyondChance,
  isJudged,
  isValued,
} from "../findings/chance.ts";
import { ASKED, gapNamed } from "../findings/finding.ts";
import { gapWords, ofClass } from "../words.ts";
import { decimal } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { numberAxis, INK, WIDTH, figure, nameAxis, ticksIn } from "./svg.ts";

const DRAWN = [...ASKED, "brier.gap"];

/** Room for the values. */
const RIGHT = 48;

interface Drawn {
  readonly label: string;
  readonly gap: Valued;
  readonly color: string;
}

/** Null where no gap has a value. Gaps that are undefined are left out; the table says why. */
export function gapsChart(name: string, attribute: Attribute, report: Report): Markup | null {
  const drawn = DRAWN.map((metric) => gapNamed(attribute, metric))
    .filter(isValued)
    .map((gap): Drawn => ({
      label: `${gapWords(gap)}${ofClass(gap.class)}`,
      gap,
      color: isJudged(gap) && isBeyondChance(gap, report) ? INK.worse : INK.unclear,
    }));
  if (drawn.length === 0) return null;
  const judged = drawn.filter((of): of is Drawn & { gap: Judged } => isJudged(of.gap));
  const labels = drawn.map(({ label }) => label);
  const { margin, axis } = nameAxis(labels, WIDTH.small);
  const high = Math.max(
    0.05,
    ...drawn.map(({ gap }) => Math.max(gap.value, gap.interval?.[1] ?? 0)),
    ...judged.map(({ gap }) => gap.fair.p95),
  );
  const y = (of: Drawn): string => of.label;
  return figure(
    `Gaps by ${name}`,
    `${labels.length} gaps by ${name} with their intervals, beside the band in which 95% of fair models of the same counts lie.`,
    {
      width: WIDTH.small,
      height: 32 + 28 * labels.length,
      marginLeft: margin,
      marginRight: RIGHT,
      marginTop: 8,
      x: numberAxis([0, Math.min(1, 1.04 * high)], ticksIn(WIDTH.small - margin - RIGHT)),
      y: axis,
      marks: [
        Plot.barX(judged, {
          x1: 0,
          x2: ({ gap }: Drawn & { gap: Judged }) => gap.fair.p95,
          y,
          fill: INK.muted,
          fillOpacity: 0.22,
          insetTop: 3,
          insetBottom: 3,
        }),
        Plot.tickX(judged, {
          x: ({ gap }: Drawn & { gap: Judged }) => gap.fair.expected,
          y,
          stroke: INK.muted,
          strokeWidth: 1.5,
          insetTop: 3,
          insetBottom: 3,
        }),
        Plot.ruleY(drawn, {
          y,
          x1: ({ gap }: Drawn) => gap.interval?.[0] ?? gap.value,
          x2: ({ gap }: Drawn) => gap.interval?.[1] ?? gap.value,
          stroke: "color",
          strokeWidth: 3,
          strokeOpacity: 0.5,
          strokeLinecap: "round",
        }),
        Plot.dot(drawn, { x: ({ gap }: Drawn) => gap.value, y, r: 5, fill: "color" }),
        Plot.text(drawn, {
          y,
          text: ({ gap }: Drawn) => decimal(gap.value),
          frameAnchor: "right",
          textAnchor: "start",
          dx: 8,
          fill: INK.text,
        }),
      ],
      color: { type: "identity" },
    },
    [
      ...(drawn.some(({ color }) => color === INK.worse)
        ? [{ label: "beyond chance", color: INK.worse, shape: "dot" as const }]
        : []),
      ...(drawn.some(({ color }) => color === INK.unclear)
        ? [
            {
              label: judged.length > 0 ? "may be chance" : "chance was not measured",
              color: INK.unclear,
              shape: "dot" as const,
            },
          ]
        : []),
      ...(judged.length > 0
        ? [
            {
              label: "95% of fair models",
              color: "color-mix(in srgb, var(--muted) 30%, transparent)",
              shape: "area" as const,
            },
            { label: "their mean", color: INK.muted, shape: "tick" as const },
          ]
        : []),
    ],
  );
}
