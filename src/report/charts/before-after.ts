/** @file Before and after one method: a dumbbell a metric, coloured by what the paired interval says. */
import * as Plot from "@observablehq/plot";
import type { Change } from "../../eval/report/comparison.ts";
import type { Markup } from "../html/template.ts";
import { type Compared, rateLabel } from "../tables/comparison.ts";
import { numberAxis, INK, WIDTH, figure, nameAxis } from "./svg.ts";

const COLORS: Readonly<Record<Change["verdict"], string>> = {
  better: INK.better,
  worse: INK.worse,
  unclear: INK.unclear,
  undefined: INK.unclear,
};

interface Dumbbell {
  readonly label: string;
  readonly before: number;
  readonly after: number;
  readonly color: string;
}

const labelOf = ({ metric, attribute }: Compared): string =>
  attribute === null ? rateLabel(metric) : `${metric} · ${attribute}`;

/** Rows without a value on both sides are left out; the table says why. */
export function beforeAfterChart(title: string, rows: readonly Compared[]): Markup {
  const dumbbells = rows.flatMap((row): Dumbbell[] =>
    row.before.value === null || row.after.value === null
      ? []
      : [
          {
            label: labelOf(row),
            before: row.before.value,
            after: row.after.value,
            color: COLORS[row.change.verdict],
          },
        ],
  );
  const labels = dumbbells.map(({ label }) => label);
  const { margin, axis } = nameAxis(labels, WIDTH.half);
  const high = Math.max(1, ...dumbbells.flatMap(({ before, after }) => [before, after]));
  return figure(
    title,
    `${labels.length} metrics before (ring) and after (dot) ${title}.`,
    {
      height: 32 + 23 * labels.length,
      marginLeft: margin,
      marginTop: 8,
      x: numberAxis([0, high], 5),
      y: axis,
      marks: [
        Plot.link(dumbbells, {
          x1: "before",
          x2: "after",
          y1: "label",
          y2: "label",
          stroke: "color",
          strokeWidth: 3,
          strokeOpacity: 0.55,
        }),
        Plot.dot(dumbbells, {
          x: "before",
          y: "label",
          r: 4.5,
          stroke: INK.muted,
          strokeWidth: 1.5,
          fill: INK.surface,
        }),
        Plot.dot(dumbbells, { x: "after", y: "label", r: 4.5, fill: "color" }),
      ],
      color: { type: "identity" },
    },
    [
      { label: "before", color: INK.muted, shape: "ring" },
      { label: "better", color: INK.better, shape: "dot" },
      { label: "no evidence", color: INK.unclear, shape: "dot" },
      { label: "worse", color: INK.worse, shape: "dot" },
    ],
  );
}
