/** @file Colours and markers of labels: the same label looks the same in every chart and every run. */

export const MARKERS = ["circle", "square", "triangle", "diamond", "cross", "star"] as const;
export type Marker = (typeof MARKERS)[number];

export interface Mark {
  /** #rrggbb, seen on light and on dark. */
  readonly colour: string;
  readonly marker: Marker;
}

/**
 * Tableau 10 without its grey, then colours that each lie furthest (OKLab) from grey and from all before them, among those
 * that stand out from white and from the dark page. No two are nearer than 0.13.
 */
export const PALETTE = [
  "#1f77b4",
  "#ff7f0e",
  "#2ca02c",
  "#d62728",
  "#9467bd",
  "#8c564b",
  "#e377c2",
  "#bcbd22",
  "#17becf",
  "#3c00ff",
  "#d200ff",
  "#2d5a0f",
  "#960087",
  "#d2b4b4",
  "#8700e1",
  "#e10096",
  "#0fd200",
  "#5a96ff",
  "#4b4b78",
  "#b47800",
] as const;

/** Of what has no label, or is noise. */
export const UNLABELLED: Mark = { colour: "#8a8a8a", marker: "circle" };

const [blue, green, red, purple] = ["#1f5fd6", "#2ca02c", "#d62728", "#8e3fc0"] as const;
/** Age groups of prompts as the study of age bias draws them: blue circles, green squares, red triangles, purple diamonds. */
const NAMED: ReadonlyMap<string, Mark> = new Map<string, Mark>([
  ["older", { colour: blue, marker: "circle" }],
  ["middle", { colour: green, marker: "square" }],
  ["middle-aged", { colour: green, marker: "square" }],
  ["young", { colour: red, marker: "triangle" }],
  ["neutral", { colour: purple, marker: "diamond" }],
  ["person", { colour: purple, marker: "diamond" }],
  ["unknown", UNLABELLED],
]);

/** "2" comes before "10"; labels that only differ in what this order ignores are ordered by their characters. */
const { compare } = new Intl.Collator("en", { numeric: true });
const inOrder = (a: string, b: string): number => compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/**
 * The mark of each label, in the order given. It depends on the set of labels alone: sorted, the first twenty take the
 * palette as circles, the next twenty as squares and so on; only beyond 120 do marks come again. Labels that are all age
 * groups of prompts (older, middle, young, neutral) have their own.
 */
export function marksOf(labels: readonly string[]): Mark[] {
  if (labels.length > 0 && labels.every((label) => NAMED.has(label)))
    return labels.map((label) => NAMED.get(label)!);
  const place = new Map([...new Set(labels)].sort(inOrder).map((label, i) => [label, i]));
  return labels.map((label) => markAt(place.get(label)!));
}

const markAt = (i: number): Mark => ({
  colour: PALETTE[i % PALETTE.length]!,
  marker: MARKERS[Math.floor(i / PALETTE.length) % MARKERS.length]!,
});
