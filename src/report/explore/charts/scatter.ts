/** @file A map as a chart: points by group, one group that stands out, names beside points, regions and contours below. */
import * as Plot from "@observablehq/plot";
import { placeLabels } from "../../charts/labels.ts";
import { INK, type Legend, shorten, widthOfText } from "../../charts/svg.ts";
import { count } from "../../format.ts";
import { list, named } from "../../words.ts";
import { makeOutline } from "../browser/outline.ts";
import { type Mark, UNLABELLED, marksOf } from "../colours.ts";
import type { Facet, Layer, PageMap } from "../page-data.ts";
import type { Chart } from "./chart.ts";
import { layerMark } from "./layers.ts";

export interface ScatterOptions {
  /** By default the map's title, with what colours say. */
  readonly title?: string;
  /** The value that stands out: others are drawn at an opacity of 0.1. */
  readonly highlight?: string;
  /** Which layers are drawn below the points; none by default. */
  readonly layers?: (layer: Layer) => boolean;
  /** Names beside points; null for none. [n] */
  readonly labels?: readonly (string | null)[];
  /** Pixels; the height follows from the points, so that both axes have one scale. */
  readonly width?: number;
}

const OPACITY = { plain: 0.7, raised: 0.7, faint: 0.1 } as const;
const PAD = 22;
const MOST_LEGEND = 40;
const LONGEST_LABEL = 160;
/** Axes of numbers take room; maps whose axes mean nothing have none. */
const EDGE = { axes: { left: 46, bottom: 40 }, none: { left: 4, bottom: 4 } } as const;

interface Spot {
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly code: number;
  readonly mark: Mark;
  readonly isFaint: boolean;
}

const outline = makeOutline();

/** Every point, or those of no value last in the legend, with markers as in the page. */
export function scatterChart(
  map: PageMap,
  facet: Facet | null,
  options: ScatterOptions = {},
): Chart {
  const marks = facet ? marksOf(facet.values) : [];
  const spots = spotsOf(map, facet, marks, options.highlight);
  const frame = frameOf(spots, map, options.width ?? 720);
  const names = namesOf(spots, frame, options.labels ?? []);
  const layers = map.layers.filter(options.layers ?? (() => false));
  const title =
    options.title ??
    [
      map.title,
      ...(facet ? [`by ${facet.name}`] : []),
      ...(options.highlight === undefined ? [] : [`highlight: ${options.highlight}`]),
    ].join(" · ");
  const axis = (label: string | undefined): Plot.ScaleOptions =>
    label === undefined
      ? { axis: null }
      : { label, labelAnchor: "center", labelArrow: "none", ticks: 5, tickSize: 3 };
  const missing = map.coordinates.length / 2 - spots.length;
  const unnamed = names.filter(({ anchor }) => anchor === null).map(({ text }) => named(text));
  return {
    title,
    description: `${count(spots.length)} points of ${map.title}${facet ? ` by ${facet.name}: ${list(facet.values, 12)}` : ""}.`,
    options: {
      width: frame.width,
      height: frame.height,
      marginLeft: frame.left,
      marginRight: frame.right,
      marginTop: frame.top,
      marginBottom: frame.bottom,
      x: { domain: frame.x, ...axis(map.axes?.[0]) },
      y: { domain: frame.y, ...axis(map.axes?.[1]) },
      symbol: { type: "identity" },
      color: { type: "identity" },
      marks: [
        Plot.frame({ stroke: INK.grid }),
        layerMark(layers, facet, marks),
        ...([true, false] as const).map((isFaint) =>
          Plot.dot(
            spots.filter((spot) => spot.isFaint === isFaint),
            {
              x: "x",
              y: "y",
              r: radiusOf(spots.length),
              fill: ({ mark }: Spot) => mark.colour,
              symbol: ({ mark }: Spot) => mark.marker,
              fillOpacity: isFaint ? OPACITY.faint : OPACITY.plain,
              clip: true,
            },
          ),
        ),
        ...nameMarks(names),
      ],
    },
    legend: legendOf(facet, marks, spots, options.highlight),
    note:
      [
        map.note,
        ...(missing > 0 ? [`${count(missing)} rows have no place on this map.`] : []),
        ...(facet && facet.values.length > MOST_LEGEND
          ? [`The legend has the first ${MOST_LEGEND} of ${count(facet.values.length)} values.`]
          : []),
        ...(unnamed.length > 0 ? [`Without a name for want of room: ${list(unnamed, 20)}.`] : []),
      ]
        .filter(Boolean)
        .join(" ") || null,
  };
}

/** One chart of all values, and one a value in which it stands out, as the study of drift draws them. */
export const highlightCharts = (
  map: PageMap,
  facet: Facet,
  options: ScatterOptions = {},
): Chart[] => [
  scatterChart(map, facet, options),
  ...facet.values.map((highlight) =>
    scatterChart(map, facet, {
      ...options,
      highlight,
      ...(options.title === undefined
        ? {}
        : { title: `${options.title} - Highlight: ${highlight}` }),
    }),
  ),
];

const radiusOf = (n: number): number => Math.min(5, Math.max(1.6, 70 / Math.sqrt(Math.max(1, n))));

/** In an order that is mixed, but the same every time: no group lies over another because its rows come later. */
function spotsOf(
  { coordinates }: PageMap,
  facet: Facet | null,
  marks: readonly Mark[],
  highlight: string | undefined,
): Spot[] {
  const n = coordinates.length / 2;
  const spots: Spot[] = [];
  for (let row = 0; row < n; row++) {
    const [x, y] = [coordinates[2 * row]!, coordinates[2 * row + 1]!];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const code = facet?.codes[row] ?? -1;
    const isFaint = highlight !== undefined && facet?.values[code] !== highlight;
    spots.push({ row, x, y, code, mark: marks[code] ?? UNLABELLED, isFaint });
  }
  const mixed = (row: number): number => (row * 2_654_435_761) % 4_294_967_296;
  return spots.sort((a, b) => mixed(a.row) - mixed(b.row));
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** One scale for both axes; neither flatter nor taller than 3 to 4. */
function frameOf(spots: readonly Spot[], { axes }: PageMap, width: number): Frame {
  const { left, bottom } = axes ? EDGE.axes : EDGE.none;
  const [right, top] = [4, 4];
  const [x0, x1] = rangeOf(spots.map(({ x }) => x));
  const [y0, y1] = rangeOf(spots.map(({ y }) => y));
  const wide = width - left - right;
  const ratio = Math.min(4 / 3, Math.max(0.55, (y1 - y0) / (x1 - x0)));
  const tall = Math.round(wide * ratio);
  const unit = Math.max((x1 - x0) / (wide - 2 * PAD), (y1 - y0) / (tall - 2 * PAD));
  const around = (low: number, high: number, pixels: number): [number, number] => {
    const middle = (low + high) / 2;
    return [middle - (unit * pixels) / 2, middle + (unit * pixels) / 2];
  };
  return {
    width,
    height: tall + top + bottom,
    left,
    right,
    top,
    bottom,
    x: around(x0, x1, wide),
    y: around(y0, y1, tall),
  };
}

/** Never empty: a single point has room around it. */
function rangeOf(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low > high) return [-1, 1];
  return low === high ? [low - 1, high + 1] : [low, high];
}

interface Name {
  readonly text: string;
  readonly px: number;
  readonly py: number;
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "middle" | "end" | null;
  readonly far: boolean;
}

/** Where names find room, in the map's units. */
function namesOf(spots: readonly Spot[], frame: Frame, labels: readonly (string | null)[]): Name[] {
  const own = spots.filter(({ row }) => labels[row] != null).toSorted((a, b) => a.row - b.row);
  const wide = frame.width - frame.left - frame.right;
  const tall = frame.height - frame.top - frame.bottom;
  const unit = (frame.x[1] - frame.x[0]) / wide;
  const texts = own.map(({ row }) => shorten(labels[row]!, LONGEST_LABEL));
  const placed = placeLabels(
    own.map(({ x, y }, i) => ({
      x: (x - frame.x[0]) / unit,
      y: (frame.y[1] - y) / unit,
      width: widthOfText(texts[i]!),
    })),
    { left: 0, right: wide, top: 0, bottom: tall },
  );
  return own.map(({ x, y }, i) => ({
    text: texts[i]!,
    px: x,
    py: y,
    x: frame.x[0] + (placed[i]?.x ?? 0) * unit,
    y: frame.y[1] - (placed[i]?.y ?? 0) * unit,
    anchor: placed[i]?.anchor ?? null,
    far: placed[i]?.far ?? false,
  }));
}

const nameMarks = (names: readonly Name[]): Plot.Markish[] => [
  Plot.link(
    names.filter(({ far }) => far),
    { x1: "px", y1: "py", x2: "x", y2: "y", stroke: INK.muted, strokeWidth: 0.75 },
  ),
  ...(["start", "middle", "end"] as const).map((textAnchor) =>
    Plot.text(
      names.filter(({ anchor }) => anchor === textAnchor),
      {
        x: "x",
        y: "y",
        text: "text",
        textAnchor,
        fill: INK.text,
        stroke: INK.surface,
        strokeWidth: 3,
      },
    ),
  ),
];

function legendOf(
  facet: Facet | null,
  marks: readonly Mark[],
  spots: readonly Spot[],
  highlight: string | undefined,
): Legend[] {
  if (!facet) return [];
  const entry = (label: string, mark: Mark): Legend => ({
    label: label === highlight ? `${label} (highlighted)` : label,
    color: mark.colour,
    shape: "dot",
    path: outline(mark, 0, 0, 5),
  });
  return [
    ...facet.values.slice(0, MOST_LEGEND).map((value, code) => entry(value, marks[code]!)),
    ...(spots.some(({ code }) => code < 0) ? [entry("none", UNLABELLED)] : []),
  ];
}
