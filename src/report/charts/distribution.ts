/** @file Rows of each label or number before and after a balancing, as bars. */
import * as Plot from "@observablehq/plot";
import { valueOf } from "../../data/cells.ts";
import type { Row } from "../../data/row.ts";
import type { Chart } from "../explore/charts/chart.ts";
import { count } from "../format.ts";
import { INK, WIDTH, type Legend, nameAxis } from "./svg.ts";

interface Bar {
  readonly value: string;
  readonly state: "before" | "after";
  readonly rows: number;
}

const COLORS: Readonly<Record<Bar["state"], string>> = { before: INK.muted, after: INK.primary };

/** Of what was before, over the bars of a histogram. */
const LINE = { color: INK.text, shape: "line" } as const;

/** Rows by value of one attribute before, and after where there is one; numbers in order, labels by name. */
function barsOf(attribute: string, before: readonly Row[], after: readonly Row[] | null): Bar[] {
  const states = [
    ["before", before],
    ["after", after],
  ] as const;
  return states.flatMap(([state, rows]) => {
    const counts = new Map<string, number>();
    for (const row of rows ?? []) {
      const value = valueOf(row, attribute);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts].map(([value, n]): Bar => ({ value, state, rows: n }));
  });
}

/**
 * How the rows are distributed over an attribute, before and after a balancing; without `after` as they are. Numbers are
 * drawn as a histogram of whole values, labels as a bar each with its number of rows.
 */
export function distributionChart(
  attribute: string,
  before: readonly Row[],
  after: readonly Row[] | null,
): Chart {
  const bars = barsOf(attribute, before, after);
  const isNumber = before.some((row) => row.labels[attribute] === undefined);
  const total = (name: string, rows: readonly Row[]): string => `${name}: ${count(rows.length)}`;
  const legend: Legend[] = after
    ? [
        {
          label: total("before", before),
          ...(isNumber ? LINE : { color: COLORS.before, shape: "area" }),
        },
        { label: total("after", after), color: COLORS.after, shape: "area" },
      ]
    : [{ label: total("rows", before), color: COLORS.before, shape: "area" }];
  return {
    title: `Rows by ${attribute}`,
    description: `Rows by ${attribute}${after ? " before and after balancing" : ""}.`,
    options: isNumber ? histogram(bars) : labelBars(bars),
    legend,
    note: null,
  };
}

/** Filled bars of what is there at last, the outline of what was before over them. */
function histogram(bars: readonly Bar[]): Plot.PlotOptions {
  const known = bars.map(({ value }) => Math.floor(Number(value)));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const steps = (state: Bar["state"]) => {
    const rows = new Map<number, number>();
    for (const bar of bars)
      if (bar.state === state) {
        const at = Math.floor(Number(bar.value));
        rows.set(at, (rows.get(at) ?? 0) + bar.rows);
      }
    return Array.from({ length: high - low + 1 }, (_, i) => ({
      value: low + i,
      next: low + i + 1,
      rows: rows.get(low + i) ?? 0,
    }));
  };
  const isBalanced = bars.some(({ state }) => state === "after");
  const shown = isBalanced ? "after" : "before";
  return {
    width: WIDTH.half,
    height: 240,
    marginLeft: 48,
    marginTop: 12,
    x: { label: null, ticks: 8, tickSize: 0 },
    y: { label: null, grid: true, ticks: 5, tickFormat: count, tickSize: 0 },
    marks: [
      Plot.rectY(steps(shown), { x1: "value", x2: "next", y: "rows", fill: COLORS[shown] }),
      ...(isBalanced
        ? [
            Plot.line(steps("before"), {
              x: (step: { value: number }) => step.value + 0.5,
              y: "rows",
              curve: "step",
              stroke: LINE.color,
              strokeWidth: 1.2,
            }),
          ]
        : []),
      Plot.ruleY([0], { stroke: INK.grid }),
    ],
    color: { type: "identity" },
  };
}

function labelBars(bars: readonly Bar[]): Plot.PlotOptions {
  const labels = [...new Set(bars.map(({ value }) => value))].toSorted();
  const { margin, axis } = nameAxis(labels, WIDTH.half);
  const states = new Set(bars.map(({ state }) => state)).size;
  return {
    width: WIDTH.half,
    height: 32 + labels.length * (12 + 18 * states),
    marginLeft: 12,
    marginRight: 56,
    marginTop: 8,
    x: { label: null, grid: true, ticks: 4, tickFormat: count, tickSize: 0 },
    y: { axis: null, domain: ["before", "after"].slice(0, states) },
    fy: { ...axis, padding: 0.15 },
    facet: { marginLeft: margin },
    marks: [
      Plot.axisFy({ anchor: "left", label: null, tickSize: 0 }),
      Plot.barX(bars, {
        x: "rows",
        y: "state",
        fy: "value",
        fill: (bar: Bar) => COLORS[bar.state],
        insetTop: 1,
        insetBottom: 1,
      }),
      Plot.text(bars, {
        x: "rows",
        y: "state",
        fy: "value",
        text: (bar: Bar) => count(bar.rows),
        textAnchor: "start",
        dx: 5,
        fill: INK.text,
      }),
    ],
    color: { type: "identity" },
  };
}
