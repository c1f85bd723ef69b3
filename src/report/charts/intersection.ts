/** @file A rate of every group of an intersection of two attributes: one across, the other down. */
import * as Plot from "@observablehq/plot";
import { RATES, type RateName } from "../../eval/metrics/rates.ts";
import type { Group } from "../../eval/report/values.ts";
import type { Report } from "../../eval/report.ts";
import { count } from "../format.ts";
import { capital } from "../words.ts";
import type { Markup } from "../html/template.ts";
import { INK, WIDTH, figure, nameAxis } from "./svg.ts";

const MOST_ACROSS = 10;
const MOST_DOWN = 24;

interface Square {
  readonly across: string;
  readonly down: string;
  readonly of: Group;
}

/** The values of both attributes, and the group of each pair that the report has; null where names do not say. */
function squaresOf(name: string, report: Report): Square[] | null {
  const parts = name.split("*");
  const [first = "", second = ""] = parts;
  const groups = report.attributes[name]?.groups ?? {};
  if (parts.length !== 2) return null;
  const [a, b] = [first, second].map((part) => Object.keys(report.attributes[part]?.groups ?? {}));
  const pairs: (readonly [string, string])[] =
    a!.length > 0 && b!.length > 0
      ? a!.flatMap((one) => b!.map((two) => [one, two] as const))
      : Object.keys(groups).map((group) => {
          const [one = "", ...rest] = group.split("*");
          return [one, rest.join("*")] as const;
        });
  const squares = pairs.flatMap(([one, two]) => {
    const of = groups[`${one}*${two}`];
    return of ? [{ across: two, down: one, of }] : [];
  });
  return squares.length === Object.keys(groups).length && squares.length > 0 ? squares : null;
}

const valuesOf = (squares: readonly Square[], side: "across" | "down"): string[] => [
  ...new Set(squares.map((square) => square[side])),
];

/** The values with the most rows, in their order. */
function largest(squares: readonly Square[], side: "across" | "down", most: number): string[] {
  const values = valuesOf(squares, side);
  const rows = new Map(values.map((value) => [value, 0]));
  for (const square of squares) rows.set(square[side], rows.get(square[side])! + square.of.count);
  const kept = values.toSorted((a, b) => rows.get(b)! - rows.get(a)!).slice(0, most);
  return values.filter((value) => kept.includes(value));
}

/** "overall" is the middle: how far a rate lies to its worse side, from -1 to 1. */
const towardsWorse = (value: number, all: number, rate: RateName): number =>
  RATES[rate].better === "lower" ? value - all : all - value;

/**
 * Null where the attribute is no intersection of two. Colour says how far a rate lies from that of all rows, for better
 * or worse; a rate of few rows has no colour, since it says little.
 */
export function intersectionChart(name: string, report: Report, rate: RateName): Markup | null {
  const found = squaresOf(name, report);
  if (!found) return null;
  const [first = "", second = ""] = name.split("*");
  // the attribute with more values goes down
  const flip = valuesOf(found, "across").length > valuesOf(found, "down").length;
  const all = flip
    ? found.map(({ across, down, of }) => ({ across: down, down: across, of }))
    : found;
  const [nameAcross, nameDown] = flip ? [first, second] : [second, first];
  const [across, down] = [largest(all, "across", MOST_ACROSS), largest(all, "down", MOST_DOWN)];
  const squares = all.filter((of) => across.includes(of.across) && down.includes(of.down));
  const { minSupport } = report.uncertainty;
  const overall = report.overall[rate].value ?? 0;
  const isSmall = ({ of }: Square): boolean => of[rate].support < minSupport;
  const filled = squares.filter(({ of }) => of[rate].value !== null);
  const away = (square: Square): number =>
    towardsWorse(square.of[rate].value ?? overall, overall, rate);
  const furthest = Math.max(
    0.02,
    ...filled.filter((of) => !isSmall(of)).map((of) => Math.abs(away(of))),
  );
  const depth = (square: Square): number =>
    0.08 + 0.6 * Math.min(1, Math.abs(away(square)) / furthest);
  const { margin, axis } = nameAxis(down, 400);
  const width = Math.max(WIDTH.small, margin + 30 + 70 * across.length);
  const at = { x: "across", y: "down" } as const;
  const label = RATES[rate].label;
  const directed = RATES[rate].better !== "neither";
  const left = all.length - squares.length;
  return figure(
    `${capital(label)} by ${nameDown} and ${nameAcross}`,
    `${label} of ${count(squares.length)} groups: ${nameDown} in rows, ${nameAcross} in columns.`,
    {
      width,
      height: 58 + 44 * down.length,
      marginLeft: margin + 26,
      marginTop: 48,
      marginRight: 4,
      marginBottom: 8,
      x: {
        ...nameAxis(across, (width - margin) / (0.4 * across.length)).axis,
        axis: "top",
        label: nameAcross,
        labelAnchor: "center",
        labelArrow: "none",
      },
      y: { ...axis, label: nameDown, labelAnchor: "center", labelArrow: "none" },
      marks: [
        Plot.cell(
          squares.filter((of) => of.of[rate].value !== null && !isSmall(of)),
          {
            ...at,
            fill: (of: Square) => (away(of) > 0 ? "var(--orange)" : "var(--blue)"),
            fillOpacity: depth,
            inset: 1.5,
            rx: 4,
          },
        ),
        Plot.cell(squares.filter(isSmall), {
          ...at,
          fill: "none",
          stroke: INK.muted,
          strokeDasharray: "3,3",
          strokeOpacity: 0.7,
          inset: 2.5,
          rx: 4,
        }),
        Plot.text(squares, {
          ...at,
          text: ({ of }: Square) => (of[rate].value === null ? "n/a" : of[rate].value.toFixed(2)),
          fill: (of: Square) => (isSmall(of) ? INK.muted : INK.text),
          fontSize: 13,
          fontWeight: 600,
          dy: -7,
        }),
        Plot.text(squares, {
          ...at,
          text: ({ of }: Square) => `n ${count(of[rate].support)}`,
          fill: (of: Square) => (isSmall(of) ? INK.muted : INK.text),
          fillOpacity: 0.85,
          fontSize: 10,
          dy: 9,
        }),
      ],
      color: { type: "identity" },
    },
    [
      {
        label: directed ? "worse than all rows" : "below all rows",
        color: "var(--orange)",
        shape: "area",
      },
      { label: directed ? "better" : "above", color: "var(--blue)", shape: "area" },
      ...(squares.some(isSmall)
        ? [
            {
              label: `fewer than ${count(minSupport)} rows: says little`,
              color: INK.muted,
              shape: "dash" as const,
            },
          ]
        : []),
    ],
    left > 0
      ? `${count(squares.length)} of ${count(all.length)} groups: the ${down.length} values of ${nameDown} and the ${across.length} of ${nameAcross} with the most rows.`
      : null,
  );
}
