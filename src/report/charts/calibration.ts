/** @file Calibration of one group: what share of the rows of a bin of scores comes true. */
import * as Plot from "@observablehq/plot";
import type { Attribute, Curves } from "../../eval/report.ts";
import { count, decimal } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { coloredGroups } from "./groups.ts";
import { diagonal, shareAxis, INK, figure } from "./svg.ts";

type Bin = Curves["calibration"][number];

function groupChart(group: string, bins: readonly Bin[], ece: number | null): Markup {
  const most = Math.max(...bins.map(({ rows }) => rows));
  return figure(
    group,
    `Calibration of ${group} in ${bins.length} bins of scores: share of positive rows over mean score${ece === null ? "" : `; expected calibration error ${decimal(ece)}`}.`,
    {
      width: 262,
      height: 240,
      marginLeft: 48,
      marginBottom: 34,
      marginTop: 8,
      marginRight: 8,
      x: shareAxis("mean score", 4),
      y: shareAxis("share positive", 4),
      r: { type: "identity" },
      marks: [
        diagonal(0.8),
        Plot.ruleX(
          bins.filter(({ interval }) => interval !== null),
          {
            x: "meanScore",
            y1: (bin: Bin) => bin.interval?.[0] ?? bin.meanOutcome,
            y2: (bin: Bin) => bin.interval?.[1] ?? bin.meanOutcome,
            stroke: INK.primary,
            strokeWidth: 2,
            strokeOpacity: 0.45,
          },
        ),
        Plot.dot(bins, {
          x: "meanScore",
          y: "meanOutcome",
          r: (bin: Bin) => 2 + 3 * Math.sqrt(bin.rows / most),
          fill: INK.primary,
        }),
      ],
    },
    [],
    `${count(bins.reduce((sum, { rows }) => sum + rows, 0))} rows${ece === null ? "" : `, ECE ${decimal(ece)}`}`,
  );
}

/** A chart a group; of many groups the worst ones and the best, with a line that says so. */
export function calibrationCharts(
  attribute: Attribute,
  minSupport: number,
): { readonly charts: readonly Markup[]; readonly note: string | null } {
  const curves = new Map(
    Object.entries(attribute.curves ?? {}).flatMap(([group, { calibration }]) =>
      calibration.length > 0 ? [[group, calibration] as const] : [],
    ),
  );
  const { groups, note } = coloredGroups(
    attribute,
    [...curves.keys()],
    { name: "ece", label: "calibration error", worse: 1 },
    minSupport,
  );
  return {
    charts: groups.map(({ group }) =>
      groupChart(group, curves.get(group)!, attribute.groups[group]?.scores?.ece?.value ?? null),
    ),
    note,
  };
}
