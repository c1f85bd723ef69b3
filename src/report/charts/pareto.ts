/** @file Accuracy against a gap: a point a method with the intervals of its changes, and the front of the best trades. */
import * as Plot from "@observablehq/plot";
import type { SeedNumbers } from "../../compare/summary.ts";
import { BASE, PROTOTYPE, isBaseline } from "../../compare/result.ts";
import { type MethodView, type TaskView, numberOf } from "../compare/model.ts";
import { decimal } from "../format.ts";
import type { Markup } from "../html/template.ts";
import { list, named } from "../words.ts";
import { placeLabels } from "./labels.ts";
import { INK, WIDTH, figure, numberAxis, shorten, widthOfText } from "./svg.ts";
import { VERDICT_INK, verdictLegend } from "./verdicts.ts";

type Ends = readonly [number, number];

interface Point {
  readonly name: string;
  readonly accuracy: number;
  readonly gap: number;
  /** Intervals of the changes, around the values. */
  readonly accuracyEnds: Ends;
  readonly gapEnds: Ends;
  readonly color: string;
  /** Without debiasing. */
  readonly isBaseline: boolean;
  /** Compared with the class prototypes, not with a head. */
  readonly isPrototype: boolean;
}

/** A beaten method so much worse than `base` would press all others together: it is told of below the title. */
const FAR = { accuracy: 0.05, gap: 0.1 } as const;

const SIZE = { width: WIDTH.half, height: 400, left: 46, right: 14, top: 12, bottom: 40 } as const;

/** Accuracy and `eo.max` are from 0 to 1, whatever an interval of few seeds says. */
const inShares = (value: number): number => Math.max(0, Math.min(1, value));

function endsOf({ mean, change }: SeedNumbers): Ends {
  const [low, high] = change?.interval ?? [0, 0];
  const before = mean! - (change?.mean ?? 0);
  return change?.interval ? [inShares(before + low), inShares(before + high)] : [mean!, mean!];
}

function pointOf(method: MethodView, attribute: string): Point[] {
  const isBaselineMethod = isBaseline(method.name);
  const accuracy = numberOf(method, "accuracy", null);
  const gap = numberOf(method, "eo.max", attribute);
  if (accuracy?.mean == null || gap?.mean == null) return [];
  return [
    {
      name: method.name,
      accuracy: accuracy.mean,
      gap: gap.mean,
      accuracyEnds: endsOf(accuracy),
      gapEnds: endsOf(gap),
      color: isBaselineMethod ? INK.text : VERDICT_INK[gap.change?.verdict ?? "no evidence"],
      isBaseline: isBaselineMethod,
      isPrototype: method.baseline === PROTOTYPE || method.name === PROTOTYPE,
    },
  ];
}

/** Those that no other one beats in accuracy or gap without losing in the other, by accuracy. */
const frontOf = (points: readonly Point[]): Point[] =>
  points
    .filter((p) =>
      points.every(
        (q) =>
          q.accuracy < p.accuracy ||
          q.gap > p.gap ||
          (q.accuracy === p.accuracy && q.gap === p.gap),
      ),
    )
    .toSorted((a, b) => a.accuracy - b.accuracy);

/** A little more than the values take. */
function padded(values: readonly number[]): Ends {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = 0.06 * Math.max(high - low, 0.02);
  return [low - pad, high + pad];
}

/** Null where fewer than two methods have both numbers. */
export function paretoChart({ baselines, methods }: TaskView, attribute: string): Markup | null {
  const all = [...baselines, ...methods].flatMap((method) => pointOf(method, attribute));
  const [origin] = all;
  if (origin?.name !== BASE || all.length < 2) return null;
  const off = all.filter(
    (point) =>
      all.some(({ accuracy, gap }) => accuracy > point.accuracy && gap < point.gap) &&
      (point.accuracy < origin.accuracy - FAR.accuracy || point.gap > origin.gap + FAR.gap),
  );
  const points = all.filter((point) => !off.includes(point));
  const front = frontOf(points);
  const x = padded(points.flatMap(({ accuracyEnds }) => accuracyEnds));
  const y = padded(points.flatMap(({ gapEnds }) => gapEnds));
  const labels = labelsOf(points, x, y);
  const missing = labels.filter(({ anchor }) => anchor === null).map(({ name }) => named(name));
  return figure(
    `Accuracy and eo.max by ${attribute}`,
    `${points.length} methods by accuracy and eo.max by ${attribute}; the front: ${list(
      front.map(({ name }) => name),
      20,
    )}.`,
    {
      width: SIZE.width,
      height: SIZE.height,
      marginLeft: SIZE.left,
      marginRight: SIZE.right,
      marginTop: SIZE.top,
      marginBottom: SIZE.bottom,
      x: { ...numberAxis(x, 5), label: "accuracy", labelAnchor: "center", labelArrow: "right" },
      y: { ...numberAxis(y, 6), tickFormat: (gap: number) => gap.toFixed(2) },
      marks: [
        Plot.ruleX([origin.accuracy], { stroke: INK.muted, strokeDasharray: "2,3" }),
        Plot.ruleY([origin.gap], { stroke: INK.muted, strokeDasharray: "2,3" }),
        Plot.line(front, {
          x: "accuracy",
          y: "gap",
          stroke: INK.primary,
          strokeWidth: 6,
          strokeOpacity: 0.25,
          strokeLinecap: "round",
          strokeLinejoin: "round",
        }),
        Plot.ruleY(points, {
          y: "gap",
          x1: ({ accuracyEnds }: Point) => accuracyEnds[0],
          x2: ({ accuracyEnds }: Point) => accuracyEnds[1],
          stroke: "color",
          strokeOpacity: 0.5,
        }),
        Plot.ruleX(points, {
          x: "accuracy",
          y1: ({ gapEnds }: Point) => gapEnds[0],
          y2: ({ gapEnds }: Point) => gapEnds[1],
          stroke: "color",
          strokeOpacity: 0.5,
        }),
        Plot.link(
          labels.filter(({ far }) => far),
          { x1: "accuracy", y1: "gap", x2: "x", y2: "y", stroke: INK.muted, strokeWidth: 0.75 },
        ),
        Plot.dot(points, {
          x: "accuracy",
          y: "gap",
          r: 4.5,
          stroke: "color",
          strokeWidth: 1.75,
          symbol: ({ isPrototype }: Point) => (isPrototype ? "diamond" : "circle"),
          fill: ({ isBaseline: isOpen, color }: Point) => (isOpen ? INK.surface : color),
        }),
        ...(["start", "middle", "end"] as const).map((textAnchor) =>
          Plot.text(
            labels.filter(({ anchor }) => anchor === textAnchor),
            {
              x: "x",
              y: "y",
              text: "text",
              textAnchor,
              fontSize: 11,
              fill: INK.text,
              stroke: INK.surface,
              strokeWidth: 3,
            },
          ),
        ),
      ],
      color: { type: "identity" },
      symbol: { type: "identity" },
    },
    [
      ...verdictLegend(["fairer", "no evidence", "less fair"]),
      { label: "no debiasing", color: INK.text, shape: "ring" },
      {
        label: "front: no method is better in both",
        color: "color-mix(in srgb, var(--blue) 35%, transparent)",
        shape: "area",
      },
    ],
    [
      "Up is less fair. Bars are the intervals of the changes against base.",
      ...(points.some(({ isPrototype }) => isPrototype)
        ? ["Diamonds: prototype, and what starts from it and is compared with it."]
        : []),
      ...(off.length > 0
        ? [
            `Off the chart: ${list(
              off.map(
                ({ name, accuracy, gap }) =>
                  `${named(name)} (accuracy ${decimal(accuracy)}, eo.max ${decimal(gap)})`,
              ),
              20,
            )}.`,
          ]
        : []),
      ...(missing.length > 0 ? [`Without a name for want of room: ${list(missing, 20)}.`] : []),
    ].join(" "),
  );
}

const LONGEST = 130;

/** A name beside each point, in the chart's units. */
function labelsOf(points: readonly Point[], x: Ends, y: Ends) {
  const [wide, high] = [SIZE.width - SIZE.left - SIZE.right, SIZE.height - SIZE.top - SIZE.bottom];
  const placed = placeLabels(
    points.map(({ name, accuracy, gap }) => ({
      x: ((accuracy - x[0]) / (x[1] - x[0])) * wide,
      y: ((y[1] - gap) / (y[1] - y[0])) * high,
      width: widthOfText(shorten(name, LONGEST)),
    })),
    { left: 0, right: wide, top: 0, bottom: high },
  );
  return points.map(({ name, accuracy, gap }, i) => {
    const at = placed[i];
    return {
      name,
      accuracy,
      gap,
      text: shorten(name, LONGEST),
      anchor: at?.anchor ?? null,
      far: at?.far ?? false,
      x: x[0] + ((at?.x ?? 0) / wide) * (x[1] - x[0]),
      y: y[1] - ((at?.y ?? 0) / high) * (y[1] - y[0]),
    };
  });
}
