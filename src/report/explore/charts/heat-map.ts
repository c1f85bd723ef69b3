/** @file Matrices as colours: cosine similarities, and lift of groups in clusters. */
import * as Plot from "@observablehq/plot";
import { INK, WIDTH, nameAxis, shorten } from "../../charts/svg.ts";
import { count, percent } from "../../format.ts";
import type { Chart } from "./chart.ts";

interface HeatCell {
  readonly row: string;
  readonly column: string;
  readonly value: number | null;
  /** -1 to 1: how strong the colour is, and which. */
  readonly strength: number;
  readonly text: string;
  readonly detail: string;
}

/** Rows and columns up to which cells hold their number. */
const MOST_NUMBERS = 20;
const SIDE = { numbers: 46, plain: 14, least: 4 } as const;
const WIDEST = 900;

interface Axes {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Names of the axes, if they have any. */
  readonly of: readonly [string | null, string | null];
}

/** Two names that are the same are two rows. */
const distinct = (names: readonly string[]): string[] => {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
};

function heatOptions(cells: readonly HeatCell[], { rows, columns, of }: Axes): Plot.PlotOptions {
  const hasNumbers = rows.length <= MOST_NUMBERS && columns.length <= MOST_NUMBERS;
  const hasNames = rows.length <= 60 && columns.length <= 60;
  const names = nameAxis(rows, WIDTH.half);
  const left = hasNames ? names.margin + (of[0] === null ? 0 : 16) : 20;
  const side = Math.max(
    SIDE.least,
    Math.min(hasNumbers ? 64 : 26, (WIDEST - left) / columns.length),
    hasNumbers ? SIDE.numbers : SIDE.least,
  );
  const tall = hasNumbers ? 34 : Math.max(SIDE.least, Math.min(20, side));
  // names stand upright above their columns where they would run into each other
  const isUpright = Math.max(0, ...columns.map((name) => name.length)) * 7 > side - 4;
  const top = !hasNames
    ? 24
    : (isUpright ? Math.min(120, nameAxis(columns, 300).margin) : 20) + (of[1] === null ? 4 : 20);
  const at = { x: "column", y: "row" } as const;
  const ink = ({ strength }: HeatCell): string =>
    Math.abs(strength) > 0.55 ? INK.surface : INK.text;
  const label = (name: string | null): Plot.ScaleOptions =>
    name === null ? { label: null } : { label: name, labelAnchor: "center", labelArrow: "none" };
  return {
    width: Math.ceil(left + side * columns.length + 8),
    height: Math.ceil(top + tall * rows.length + 8),
    marginLeft: left,
    marginRight: 8,
    marginTop: top,
    marginBottom: 8,
    x: {
      domain: columns,
      axis: "top",
      tickSize: 0,
      ...(hasNames
        ? { tickFormat: (name: string) => shorten(name, 120), tickRotate: isUpright ? -90 : 0 }
        : { ticks: [] }),
      ...label(of[1]),
    },
    y: {
      domain: rows,
      tickSize: 0,
      ...(hasNames
        ? { tickFormat: (name: string) => shorten(name, 0.4 * WIDTH.half) }
        : { ticks: [] }),
      ...label(of[0]),
    },
    marks: [
      Plot.cell(cells, {
        ...at,
        fill: ({ strength }: HeatCell) => (strength < 0 ? INK.secondary : INK.primary),
        fillOpacity: ({ strength }: HeatCell) => 0.04 + 0.96 * Math.min(1, Math.abs(strength)),
        inset: side > 8 ? 0.75 : 0,
      }),
      ...(hasNumbers
        ? [
            Plot.text(cells, {
              ...at,
              text: "text",
              fill: ink,
              dy: cells.some(({ detail }) => detail !== "") ? -6 : 0,
            }),
            Plot.text(cells, {
              ...at,
              text: "detail",
              fill: ink,
              fillOpacity: 0.85,
              fontSize: 10,
              dy: 8,
            }),
          ]
        : []),
    ],
    color: { type: "identity" },
    opacity: { type: "identity" },
  };
}

/**
 * Cosine similarities of rows with each other; with numbers up to 20 rows. The deepest blue is 1, the deepest orange -1;
 * where all lie above 0.5 colours begin at the smallest, and the chart says so.
 * @param matrix [n, n], row-major
 */
export function cosineChart(
  title: string,
  names: readonly string[],
  matrix: ArrayLike<number>,
): Chart {
  const rows = distinct(names);
  const n = rows.length;
  const values = Array.from(matrix);
  const low = values.reduce((a, b) => Math.min(a, b), 1);
  const isStretched = low > 0.5;
  const strengthOf = (value: number): number =>
    isStretched ? (low === 1 ? 1 : (value - low) / (1 - low)) : value;
  const cells = rows.flatMap((row, i) =>
    rows.map((column, j): HeatCell => {
      const value = values[i * n + j]!;
      return {
        row,
        column,
        value,
        strength: strengthOf(value),
        text: value.toFixed(2),
        detail: "",
      };
    }),
  );
  return {
    title,
    description: `Cosine similarities of ${count(n)} rows, from ${low.toFixed(3)} up.`,
    options: heatOptions(cells, { rows, columns: rows, of: [null, null] }),
    legend: [
      { label: "1", color: INK.primary, shape: "area" },
      ...(low < 0 ? [{ label: "-1", color: INK.secondary, shape: "area" } as const] : []),
    ],
    note: isStretched
      ? `White is ${low.toFixed(3)}, the smallest; blue is 1.`
      : "Blue is 1, white 0.",
  };
}

export interface LiftCell {
  /** Share in the cluster over share of all; null where it is undefined. */
  readonly lift: number | null;
  /** Rows of the group in the cluster, and of the cluster. */
  readonly rows: number;
  readonly of: number;
}

/**
 * How much more, or less, frequent a group is in a cluster than among all rows.
 * @param cells [clusters][groups]
 */
export function liftChart(
  title: string,
  clusters: readonly string[],
  groups: readonly string[],
  cells: readonly (readonly LiftCell[])[],
): Chart {
  const [rows, columns] = [distinct(clusters), distinct(groups)];
  const strengthOf = (lift: number | null): number =>
    lift === null ? 0 : lift === 0 ? -1 : Math.max(-1, Math.min(1, Math.log2(lift) / 2));
  const drawn = rows.flatMap((row, i) =>
    columns.map((column, j): HeatCell => {
      const { lift, rows: some, of } = cells[i]![j]!;
      return {
        row,
        column,
        value: lift,
        strength: strengthOf(lift),
        text: lift === null ? "n/a" : lift.toFixed(2),
        detail: of > 0 ? percent(some / of) : "",
      };
    }),
  );
  return {
    title,
    description: `Lift of ${columns.join(", ")} in ${count(rows.length)} clusters.`,
    options: heatOptions(drawn, { rows, columns, of: ["cluster", "group"] }),
    legend: [
      { label: "4 times as many as among all, or more", color: INK.primary, shape: "area" },
      { label: "a quarter as many, or fewer", color: INK.secondary, shape: "area" },
    ],
    note: "Lift: share in the cluster over share of all rows; below it the share in the cluster. White is 1.",
  };
}
