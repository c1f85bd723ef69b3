/** @file Slices that are worse off: their rate with its interval, and that of everyone else. */
import * as Plot from "@observablehq/plot";
import type { Slice, Slices } from "../../eval/report/slices.ts";
import { ofClass, rateWords } from "../words.ts";
import { count, decimal } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { numberAxis, INK, WIDTH, figure, shorten } from "./svg.ts";
import { whereOf } from "../tables/slices.ts";

const MOST = 16;

interface Drawn {
  readonly label: string;
  readonly value: number;
  readonly ends: readonly [number, number];
  readonly rest: number | null;
}

const labelOf = (slice: Slice): string =>
  `${rateWords(slice.rate)}${ofClass(slice.class)}: ${whereOf(slice.where)}`;

/** Null where none was found. */
export function slicesChart({ found }: Slices): Markup | null {
  const drawn = found.slice(0, MOST).flatMap((slice): Drawn[] =>
    slice.of.value === null
      ? []
      : [
          {
            label: labelOf(slice),
            value: slice.of.value,
            ends: slice.of.interval ?? [slice.of.value, slice.of.value],
            rest: slice.rest.value,
          },
        ],
  );
  if (drawn.length === 0) return null;
  const labels = drawn.map(({ label }) => label);
  // names are long: each stands above its line
  const below = { y: "label", dy: 9 } as const;
  const low = Math.min(...drawn.flatMap(({ ends, rest }) => [ends[0], rest ?? 1]));
  const high = Math.max(...drawn.flatMap(({ ends, rest }) => [ends[1], rest ?? 0]));
  const pad = 0.04 * Math.max(high - low, 0.05);
  return figure(
    "Slices that are worse off",
    `${drawn.length} slices with their rate and interval (dot), and the rate of the rows outside them (ring).`,
    {
      height: 32 + 46 * drawn.length,
      marginLeft: 4,
      marginRight: 48,
      marginTop: 8,
      x: numberAxis([Math.max(0, low - pad), Math.min(1, high + pad)], 5),
      y: { domain: labels, axis: null },
      marks: [
        Plot.text(drawn, {
          y: "label",
          text: ({ label }: Drawn) => shorten(label, WIDTH.half - 20),
          frameAnchor: "left",
          textAnchor: "start",
          dy: -8,
          fill: INK.text,
        }),
        Plot.ruleY(drawn, {
          ...below,
          x1: ({ ends }: Drawn) => ends[0],
          x2: ({ ends }: Drawn) => ends[1],
          stroke: INK.worse,
          strokeWidth: 3,
          strokeOpacity: 0.4,
          strokeLinecap: "round",
        }),
        Plot.dot(
          drawn.filter(({ rest }) => rest !== null),
          { ...below, x: "rest", r: 4.5, stroke: INK.muted, strokeWidth: 1.5, fill: INK.surface },
        ),
        Plot.dot(drawn, { ...below, x: "value", r: 5, fill: INK.worse }),
        Plot.text(drawn, {
          ...below,
          text: ({ value }: Drawn) => decimal(value),
          frameAnchor: "right",
          textAnchor: "start",
          dx: 8,
          fill: INK.text,
        }),
      ],
    },
    [
      { label: "slice", color: INK.worse, shape: "dot" },
      { label: "everyone else", color: INK.muted, shape: "ring" },
    ],
    found.length > drawn.length
      ? `The first ${count(drawn.length)} of ${count(found.length)}.`
      : null,
  );
}
