/** @file ROC curves of the groups of one attribute. */
import * as Plot from "@observablehq/plot";
import type { Attribute } from "../../eval/report.ts";
import { decimal } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { coloredGroups } from "./groups.ts";
import { diagonal, shareAxis, INK, figure } from "./svg.ts";

interface Point {
  readonly group: string;
  readonly color: string;
  readonly fpr: number;
  readonly tpr: number;
}

/** Null where no group has a curve. Groups beyond six are thin grey lines. */
export function rocChart(name: string, attribute: Attribute, minSupport: number): Markup | null {
  const curves = Object.entries(attribute.curves ?? {}).filter(([, { roc }]) => roc.length > 0);
  if (curves.length === 0) return null;
  const { groups, others, note } = coloredGroups(
    attribute,
    curves.map(([group]) => group),
    { name: "auc", label: "AUC", worse: -1 },
    minSupport,
  );
  const points = (members: readonly string[], color: (group: string) => string): Point[] =>
    curves.flatMap(([group, { roc }]) =>
      members.includes(group)
        ? roc.map(([fpr, tpr]) => ({ group, color: color(group), fpr, tpr }))
        : [],
    );
  const line = { x: "fpr", y: "tpr", z: "group", stroke: "color" } as const;
  const auc = (group: string): string => {
    const value = attribute.groups[group]?.scores?.auc?.value;
    return value == null ? "" : ` ${decimal(value)}`;
  };
  return figure(
    `ROC by ${name}`,
    `ROC curves of ${curves.length} groups by ${name}: true positive rate over false positive rate. The areas under them are in the table.`,
    {
      width: 430,
      height: 380,
      marginLeft: 44,
      marginBottom: 36,
      marginTop: 12,
      x: shareAxis("false positive rate", 5),
      y: shareAxis("true positive rate", 5),
      marks: [
        diagonal(0.7),
        Plot.line(
          points(others, () => INK.muted),
          { ...line, strokeWidth: 0.75, strokeOpacity: 0.5 },
        ),
        ...groups.map(({ group, color, dashed }) =>
          Plot.line(
            points([group], () => color),
            { ...line, strokeWidth: 2, ...(dashed ? { strokeDasharray: "6,3" } : {}) },
          ),
        ),
      ],
      color: { type: "identity" },
    },
    [
      ...groups.map(({ group, color, dashed }) => ({
        label: `${group}${auc(group)}`,
        color,
        shape: dashed ? ("dash" as const) : ("line" as const),
      })),
      ...(others.length > 0
        ? [{ label: `${others.length} others`, color: INK.muted, shape: "line" as const }]
        : []),
    ],
    note,
  );
}
