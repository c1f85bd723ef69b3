/** @file Rows of each label of one attribute in one split, as bars. */
import * as Plot from "@observablehq/plot";
import { SPLITS, type Split } from "../../data/row.ts";
import { count } from "../format.ts";
import type { Markup } from "../html/template.ts";
import type { DataPlan } from "../model.ts";
import { marginal, rowsIn } from "../tables/data.ts";
import { INK, WIDTH, figure, nameAxis } from "./svg.ts";

const COLORS: Readonly<Record<Split, string>> = {
  train: INK.primary,
  validation: INK.secondary,
  test: INK.muted,
};

interface Bar {
  readonly label: string;
  readonly split: Split;
  readonly rows: number;
}

export function labelCountsChart(plan: DataPlan, attribute: string): Markup {
  const groups = marginal(plan, attribute);
  const bars = groups.flatMap(({ label, cells }) =>
    SPLITS.map((split): Bar => ({ label, split, rows: rowsIn(cells, split) })),
  );
  const totals = groups.map(({ label, cells }) => ({
    label,
    rows: SPLITS.reduce((sum, split) => sum + rowsIn(cells, split), 0),
  }));
  const labels = groups.map(({ label }) => label);
  const { margin, axis } = nameAxis(labels, WIDTH.third);
  return figure(
    `Rows by ${attribute}`,
    `Rows of ${labels.length} labels of ${attribute} in train, validation and test.`,
    {
      height: 32 + 25 * labels.length,
      width: WIDTH.third,
      marginLeft: margin,
      marginRight: 52,
      marginTop: 8,
      x: { label: null, grid: true, ticks: 4, tickFormat: count, tickSize: 0 },
      y: axis,
      marks: [
        Plot.barX(
          bars,
          Plot.stackX({
            x: "rows",
            y: "label",
            order: [...SPLITS],
            z: "split",
            fill: (bar: Bar) => COLORS[bar.split],
            insetTop: 2,
            insetBottom: 2,
          }),
        ),
        Plot.text(totals, {
          x: "rows",
          y: "label",
          text: (t: Bar) => count(t.rows),
          textAnchor: "start",
          dx: 5,
          fill: INK.text,
        }),
      ],
      color: { type: "identity" },
    },
    SPLITS.map((split) => ({ label: split, color: COLORS[split], shape: "area" as const })),
  );
}
