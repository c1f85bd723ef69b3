/** @file What each method changed in one number: the mean change with its interval. */
import * as Plot from "@observablehq/plot";
import type { NumberName } from "../../compare/numbers.ts";
import { BASE } from "../../compare/result.ts";
import { type TaskView, numberOf } from "../compare/model.ts";
import { metricOf, signed } from "../format.ts";
import { listed } from "../compare/phrases.ts";
import { named as wordOf } from "../words.ts";
import type { Markup } from "../html/template.ts";
import { INK, WIDTH, figure, nameAxis, numberAxis, ticksIn } from "./svg.ts";
import { VERDICT_INK, verdictLegend } from "./verdicts.ts";

/** Changes beyond this would press all others together: an arrow stands for them. */
const REACH = 0.15;
/** Room for the numbers at the right. */
const MARGIN = 52;

interface Bar {
  readonly name: string;
  readonly mean: number;
  readonly ends: readonly [number, number];
  readonly color: string;
}

/** Null where no method has a change. */
export function methodChangesChart(
  { methods }: TaskView,
  metric: NumberName,
  attribute: string | null,
): Markup | null {
  const bars = methods.flatMap((method): Bar[] => {
    const change = numberOf(method, metric, attribute)?.change;
    return change
      ? [
          {
            name: method.name,
            mean: change.mean,
            ends: change.interval ?? [change.mean, change.mean],
            color: VERDICT_INK[change.verdict],
          },
        ]
      : [];
  });
  if (bars.length === 0) return null;
  const { margin, axis } = nameAxis(
    bars.map(({ name }) => name),
    WIDTH.half,
  );
  const ends = bars.flatMap((bar) => bar.ends);
  const low = Math.max(-REACH, 1.08 * Math.min(-0.01, ...ends));
  const high = Math.min(REACH, 1.08 * Math.max(0.01, ...ends));
  const isWithin = ({ mean }: Bar): boolean => mean >= low && mean <= high;
  const drawn = bars.filter(isWithin);
  const beyond = bars.filter((bar) => !isWithin(bar));
  const others = methods.filter(
    ({ name, baseline }) => baseline !== BASE && bars.some((bar) => bar.name === name),
  );
  const named = (of: readonly { readonly name: string }[]): string =>
    listed(of.map(({ name }) => wordOf(name)));
  return figure(
    `Change in ${metricOf(metric, attribute)}`,
    `Change in ${metricOf(metric, attribute)} against base by ${bars.length} methods, with intervals.`,
    {
      height: 32 + 22 * bars.length,
      marginLeft: margin,
      marginRight: MARGIN,
      marginTop: 8,
      x: numberAxis([low, high], ticksIn(WIDTH.half - margin - MARGIN)),
      y: axis,
      marks: [
        Plot.ruleX([0], { stroke: INK.text, strokeOpacity: 0.6 }),
        Plot.ruleY(drawn, {
          y: "name",
          x1: (bar: Bar) => Math.max(low, bar.ends[0]),
          x2: (bar: Bar) => Math.min(high, bar.ends[1]),
          stroke: "color",
          strokeWidth: 3,
          strokeOpacity: 0.45,
          strokeLinecap: "round",
        }),
        Plot.dot(drawn, { x: "mean", y: "name", r: 4.5, fill: "color" }),
        Plot.text(beyond, {
          y: "name",
          x: ({ mean }: Bar) => (mean < low ? low : high),
          text: ({ mean }: Bar) => (mean < low ? "◀" : "▶"),
          fill: "color",
        }),
        Plot.text(bars, {
          y: "name",
          text: ({ mean }: Bar) => signed(mean),
          frameAnchor: "right",
          textAnchor: "start",
          dx: 8,
          fill: INK.text,
        }),
      ],
      color: { type: "identity" },
    },
    verdictLegend(),
    [
      ...(beyond.length === 0 ? [] : [`Beyond the chart: ${named(beyond)}.`]),
      ...(others.length === 0 ? [] : [`Against prototype, not base: ${named(others)}.`]),
    ].join(" ") || null,
  );
}
