/** @file One rate of every group: dots with intervals, and the rate over all rows as a line. */
import * as Plot from "@observablehq/plot";
import { RATES, type RateName } from "../../eval/metrics/rates.ts";
import type { Attribute } from "../../eval/report.ts";
import type { Group } from "../../eval/report/values.ts";
import { extremes } from "../extremes.ts";
import { count, decimal } from "../format.ts";
import { capital } from "../words.ts";
import type { Markup } from "../html/template.ts";
import { numberAxis, INK, WIDTH, figure, nameAxis, ticksIn } from "./svg.ts";

const MOST = 24;

/** Room for the values. */
const RIGHT = 48;

interface Point {
  readonly group: string;
  /** Whether it rests on few rows. */
  readonly small: boolean;
  readonly value: number;
  readonly ends: readonly [number, number];
}

/**
 * Groups from top to bottom in the report's order; one without a value has an empty row that says so. Of many groups,
 * the worst and the best.
 * @param minSupport a rate of fewer rows is drawn as a ring
 */
export function groupRatesChart(
  name: string,
  attribute: Attribute,
  overall: Group,
  rate: RateName,
  minSupport: number,
): Markup {
  const { groups, note } = extremes(attribute.groups, rate, minSupport, MOST);
  const points = groups.flatMap(([group, { [rate]: of }]): Point[] =>
    of.value === null
      ? []
      : [
          {
            group,
            small: of.support < minSupport,
            value: of.value,
            ends: of.interval ?? [of.value, of.value],
          },
        ],
  );
  const missing = groups.flatMap(([group, { [rate]: of }]) => (of.value === null ? [group] : []));
  const all = overall[rate].value;
  const [low, high] = [
    Math.min(1, ...points.map(({ ends }) => ends[0]), ...(all === null ? [] : [all])),
    Math.max(0, ...points.map(({ ends }) => ends[1]), ...(all === null ? [] : [all])),
  ];
  const pad = 0.06 * Math.max(high - low, 0.05);
  const domain = [Math.max(0, low - pad), Math.min(1, high + pad)];
  const label = RATES[rate].label;
  const { margin, axis } = nameAxis(
    groups.map(([group]) => group),
    WIDTH.small,
  );
  return figure(
    `${capital(label)} by ${name}`,
    `${label} of ${count(groups.length)} groups by ${name}${all === null ? "" : `; over all rows ${decimal(all)}`}.`,
    {
      width: WIDTH.small,
      height: 32 + 26 * groups.length,
      marginLeft: margin,
      marginRight: RIGHT,
      marginTop: 8,
      x: numberAxis(domain, ticksIn(WIDTH.small - margin - RIGHT)),
      y: axis,
      marks: [
        all === null
          ? null
          : Plot.ruleX([all], { stroke: INK.text, strokeOpacity: 0.5, strokeDasharray: "2,3" }),
        Plot.ruleY(points, {
          y: "group",
          x1: (p: Point) => p.ends[0],
          x2: (p: Point) => p.ends[1],
          stroke: INK.primary,
          strokeWidth: 3,
          strokeOpacity: 0.4,
          strokeLinecap: "round",
        }),
        Plot.dot(points, {
          y: "group",
          x: "value",
          r: (p: Point) => (p.small ? 4 : 5),
          stroke: INK.primary,
          fill: (p: Point) => (p.small ? INK.surface : INK.primary),
        }),
        Plot.text(points, {
          y: "group",
          text: (p: Point) => decimal(p.value),
          frameAnchor: "right",
          textAnchor: "start",
          dx: 8,
          fill: INK.text,
        }),
        Plot.text(missing, {
          y: (g: string) => g,
          text: () => "n/a",
          frameAnchor: "right",
          textAnchor: "start",
          dx: 8,
          fill: INK.muted,
        }),
      ],
    },
    [
      ...(all === null
        ? []
        : [{ label: `all rows ${decimal(all)}`, color: INK.text, shape: "dash" as const }]),
      ...(points.some(({ small }) => small)
        ? [
            {
              label: `fewer than ${count(minSupport)} rows`,
              color: INK.primary,
              shape: "ring" as const,
            },
          ]
        : []),
    ],
    note,
  );
}
