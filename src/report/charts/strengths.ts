/** @file One number at every alpha and k of a projection, as depth of blue. */
import * as Plot from "@observablehq/plot";
import type { SweepTrial } from "../../debias/sweep/sweep.ts";
import type { Markup } from "../html/template.ts";
import { INK, WIDTH, figure } from "./svg.ts";

interface Square {
  readonly k: string;
  readonly alpha: string;
  readonly value: number;
}

/**
 * @param of the number; `range` what is shown as white and as the deepest blue
 * @param chosen marked, where it is among them
 */
export function strengthsChart(
  title: string,
  trials: readonly SweepTrial[],
  of: (trial: SweepTrial) => number | null,
  range: readonly [number, number],
  chosen: { readonly k: number; readonly alpha: number } | null,
): Markup {
  const squares = trials.flatMap((trial): Square[] => {
    const value = of(trial);
    return value === null ? [] : [{ k: String(trial.k), alpha: String(trial.alpha), value }];
  });
  const ks = [...new Set(trials.map(({ k }) => String(k)))];
  const depth = ({ value }: Square): number =>
    Math.max(0, Math.min(1, (value - range[0]) / (range[1] - range[0] || 1)));
  const at = { x: "alpha", y: "k" } as const;
  return figure(
    title,
    `${title} at ${squares.length} values of alpha and k.`,
    {
      width: WIDTH.half,
      height: 54 + 24 * ks.length,
      marginLeft: 42,
      marginRight: 4,
      marginTop: 6,
      marginBottom: 40,
      x: {
        domain: [...new Set(trials.map(({ alpha }) => String(alpha)))],
        label: "alpha",
        labelAnchor: "center",
        labelArrow: "none",
        tickSize: 0,
      },
      y: { domain: ks, label: "k", labelArrow: "none", tickSize: 0 },
      marks: [
        Plot.cell(squares, {
          ...at,
          fill: "var(--blue)",
          fillOpacity: (square: Square) => 0.05 + 0.95 * depth(square),
          inset: 1,
          rx: 3,
        }),
        Plot.text(squares, {
          ...at,
          text: ({ value }: Square) => value.toFixed(2).replace(/^0(?=\.)/, ""),
          fill: (square: Square) => (depth(square) > 0.5 ? "var(--on-blue)" : "currentColor"),
          fontSize: 11,
        }),
        Plot.cell(
          squares.filter(
            ({ k, alpha }) => chosen && k === String(chosen.k) && alpha === String(chosen.alpha),
          ),
          { ...at, fill: "none", stroke: INK.secondary, strokeWidth: 2.5, inset: 1, rx: 3 },
        ),
      ],
    },
    chosen === null ? [] : [{ label: "chosen on validation", color: INK.secondary, shape: "ring" }],
  );
}
