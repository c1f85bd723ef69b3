/** @file One number over all strategies: bars of what was published, of compat and corrected runs, with the spread over seeds. */
import * as Plot from "@observablehq/plot";
import { INK, type Legend, figure, nameAxis, numberAxis } from "../charts/svg.ts";
import { decimal } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { LINES, type Line, type StudyReport, lineNumber, strategyCount } from "./model.ts";

const INKS: Readonly<Record<Line, string>> = {
  corrected: INK.primary,
  compat: INK.secondary,
  published: INK.muted,
};

const WIDTH = 920;
/** Of one bar, and between strategies. */
const ROW = 17;
const BETWEEN = 12;
/** Room for the values. */
const RIGHT = 52;

const OVER_SEEDS = "from the lowest to the highest seed";
const OF_ROWS = "the 95% interval of the test rows";

interface Bar {
  readonly key: string;
  readonly line: Line;
  readonly value: number;
  readonly range: readonly [number, number] | null;
  readonly seeds: number;
}

interface Drawn {
  readonly metric: string;
  readonly of?: string | null;
  /** Only strategies that predict this attribute. */
  readonly target?: string;
}

/** Null where no strategy has the number. */
export function strategyChart(
  { strategies }: StudyReport,
  title: string,
  { metric, of = null, target }: Drawn,
): Markup | null {
  const drawn = strategies.filter(
    ({ strategy }) => target === undefined || strategy.target === target,
  );
  const bars = drawn.flatMap((summary) =>
    LINES.flatMap((line): Bar[] => {
      const found = lineNumber(summary, line, metric, of);
      return found?.mean == null
        ? []
        : [
            {
              key: summary.strategy.key,
              line,
              value: found.mean,
              range: found.range,
              seeds: found.values.length,
            },
          ];
    }),
  );
  if (bars.length === 0) return null;
  const keys = [...new Set(bars.map(({ key }) => key))];
  const { margin } = nameAxis(keys, WIDTH);
  const high = Math.max(0.02, ...bars.map(({ value, range }) => Math.max(value, range?.[1] ?? 0)));
  const lines = LINES.filter((line) => bars.some((bar) => bar.line === line));
  const legend: Legend[] = lines.map((line) => ({
    label: line,
    color: INKS[line],
    shape: "area",
  }));
  const ranged = bars.filter(({ range }) => range !== null);
  return figure(
    title,
    `${title} of ${strategyCount(keys)}: ${lines.join(", ")}.`,
    {
      width: WIDTH,
      height: 40 + keys.length * (lines.length * ROW + BETWEEN),
      marginLeft: margin,
      marginRight: RIGHT,
      marginTop: 6,
      x: numberAxis([0, Math.min(1, 1.02 * high)], 8),
      fy: { domain: keys, label: null, padding: 0.16 },
      y: { domain: lines, axis: null, padding: 0.12 },
      marks: [
        Plot.axisFy({ anchor: "left", tickSize: 0, fontSize: 12 }),
        Plot.barX(bars, {
          fy: "key",
          y: "line",
          x: "value",
          fill: ({ line }: Bar) => INKS[line],
          fillOpacity: ({ line }: Bar) => (line === "published" ? 0.55 : 0.85),
          rx: 2,
        }),
        Plot.ruleY(ranged, {
          fy: "key",
          y: "line",
          x1: ({ range }: Bar) => range![0],
          x2: ({ range }: Bar) => range![1],
          stroke: INK.text,
          strokeWidth: 1.5,
        }),
        Plot.text(bars, {
          fy: "key",
          y: "line",
          text: ({ value }: Bar) => decimal(value),
          frameAnchor: "right",
          textAnchor: "start",
          dx: 8,
          fill: INK.text,
        }),
      ],
      color: { type: "identity" },
    },
    legend,
    ranged.length === 0 ? null : linesAre(ranged),
  );
}

/** What the lines are, which may not be the same for all where runs failed. */
function linesAre(ranged: readonly Bar[]): string {
  const [several, single] = [
    ranged.some(({ seeds }) => seeds > 1),
    ranged.some(({ seeds }) => seeds === 1),
  ];
  if (!several) return `Lines: ${OF_ROWS}.`;
  return `Lines: ${OVER_SEEDS}${single ? `; of strategies with one seed, ${OF_ROWS}` : ""}.`;
}
