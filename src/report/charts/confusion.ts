/** @file A confusion matrix: counts, and each row's shares as depth of blue. */
import * as Plot from "@observablehq/plot";
import { count, percent } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { WIDTH, figure, nameAxis } from "./svg.ts";

interface MatrixCell {
  readonly truth: string;
  readonly predicted: string;
  readonly rows: number;
  /** Of the rows of its true class; null when there are none. */
  readonly share: number | null;
}

/** @param confusion rows true class, columns predicted, in the order of `classes` */
export function confusionChart(
  title: string,
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
): Markup {
  const cells = confusion.flatMap((row, i) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.map((rows, j): MatrixCell => ({
      truth: classes[i] ?? "",
      predicted: classes[j] ?? "",
      rows,
      share: total > 0 ? rows / total : null,
    }));
  });
  const width = classes.length > 3 ? WIDTH.half : WIDTH.third;
  const { margin, axis } = nameAxis(classes, width);
  const ink = ({ share }: MatrixCell): string =>
    (share ?? 0) > 0.5 ? "var(--on-blue)" : "currentColor";
  const at = { x: "predicted", y: "truth" } as const;
  return figure(
    title,
    `Confusion matrix of ${classes.join(", ")}: true classes in rows, predicted ones in columns.`,
    {
      width,
      height: 62 + 48 * classes.length,
      marginLeft: margin + 14,
      marginTop: 44,
      marginRight: 4,
      marginBottom: 8,
      x: {
        ...nameAxis(classes, (width - margin) / (0.4 * classes.length)).axis,
        axis: "top",
        label: "predicted",
        labelAnchor: "center",
        labelArrow: "none",
      },
      y: { ...axis, label: "true", labelAnchor: "center", labelArrow: "none" },
      marks: [
        Plot.cell(cells, {
          ...at,
          fill: "var(--blue)",
          fillOpacity: (c: MatrixCell) => 0.06 + 0.94 * (c.share ?? 0),
          inset: 1.5,
          rx: 4,
        }),
        Plot.text(cells, {
          ...at,
          text: (c: MatrixCell) => count(c.rows),
          fill: ink,
          fontSize: 14,
          fontWeight: 600,
          dy: -7,
        }),
        Plot.text(cells, {
          ...at,
          text: (c: MatrixCell) => (c.share === null ? "n/a" : percent(c.share)),
          fill: ink,
          fillOpacity: 0.85,
          fontSize: 11,
          dy: 9,
        }),
      ],
    },
  );
}
