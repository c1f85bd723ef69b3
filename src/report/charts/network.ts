/** @file A convolutional network as a diagram: the trunk from top to bottom, its heads side by side below. */
import type { LayerRow, NetworkPart, NetworkSummary } from "../../model/cnn/summary.ts";
import { count } from "../format.ts";
import { type Markup, html } from "../html/template.ts";
import { INK, shorten, widthOfText } from "./svg.ts";

/** Layers that are drawn together: one that computes, and those behind it that have no parameters worth a box. */
interface Box {
  readonly text: string;
  readonly output: string;
  readonly parameters: number;
}
const STARTS: ReadonlySet<LayerRow["kind"]> = new Set([
  "conv",
  "dense",
  "residual",
  "flatten",
  "globalAvgPool",
]);

function boxesOf({ rows }: NetworkPart): Box[] {
  const groups: LayerRow[][] = [];
  let inside = 0; // parameters of layers inside a residual, which is drawn as one
  const parameters = new Map<LayerRow, number>();
  for (const row of rows) {
    if (row.within !== null) {
      inside += row.parameters;
      continue;
    }
    parameters.set(row, row.parameters + inside);
    inside = 0;
    if (STARTS.has(row.kind) || groups.length === 0) groups.push([]);
    groups.at(-1)!.push(row);
  }
  return groups.map((group) => ({
    text: group.map(({ what }) => what).join(" · "),
    output: group.at(-1)!.output,
    parameters: group.reduce((sum, row) => sum + parameters.get(row)!, 0),
  }));
}

const HEIGHT = 38;
const STEP = HEIGHT + 14;
const GAP = 16;
const PADDING = 10;
/** A head is no narrower than the numbers in its boxes. */
const NARROWEST = 190;
const WIDEST = 520;

const detail = ({ output, parameters }: Box): string =>
  parameters === 0 ? output : `${output} · ${count(parameters)}`;

/** @param title what is written below, in whole where it is not too long */
function widthOf(boxes: readonly Box[], title = ""): number {
  const longest = Math.max(
    widthOfText(title),
    ...boxes.flatMap((box) => [widthOfText(box.text), widthOfText(detail(box))]),
  );
  return Math.min(WIDEST, Math.max(NARROWEST, longest + 2 * PADDING));
}

interface Place {
  /** Of the middle. */
  readonly x: number;
  readonly top: number;
  readonly width: number;
}

function boxAt(box: Box, { x, top, width }: Place): Markup {
  const text = shorten(box.text, width - 2 * PADDING);
  return html`<g
    ><title>${box.text}</title
    ><rect
      x="${x - width / 2}"
      y="${top}"
      width="${width}"
      height="${HEIGHT}"
      rx="6"
      fill="${INK.surface}"
      stroke="${INK.grid}"
    /><text x="${x}" y="${top + 16}" fill="${INK.text}">${text}</text
    ><text x="${x}" y="${top + 31}" fill="${INK.muted}" font-size="11">${detail(box)}</text></g
  >`;
}
const arrow = (x: number, from: number, to: number, target = x): Markup =>
  html`<path
    d="M${x} ${from}V${(from + to) / 2}H${target}V${to}"
    fill="none"
    stroke="${INK.muted}"
  />`;
const label = (text: string, x: number, y: number): Markup =>
  html`<text x="${x}" y="${y}" fill="${INK.text}" font-weight="600">${text}</text>`;

/** Boxes one under the other, joined. */
const column = (boxes: readonly Box[], x: number, top: number, width: number): Markup[] =>
  boxes.flatMap((box, i) => [
    ...(i > 0 ? [arrow(x, top + (i - 1) * STEP + HEIGHT, top + i * STEP)] : []),
    boxAt(box, { x, top: top + i * STEP, width }),
  ]);

/** As an SVG of its own, whose colours come from the page's style sheet. */
export function networkDiagram(summary: NetworkSummary): Markup {
  const [trunk, ...heads] = summary.parts;
  const trunkBoxes = boxesOf(trunk!);
  const drawn = heads.map((head) => ({
    head,
    boxes: boxesOf(head),
    title: `${head.head}: ${head.output}`,
  }));
  const widths = drawn.map(({ boxes, title }) => widthOf(boxes, title));
  const below = widths.reduce((sum, width) => sum + width + GAP, -GAP);
  const trunkWidth = widthOf(trunkBoxes);
  const width = Math.max(below, trunkWidth) + 2 * GAP;
  const middle = width / 2;
  const first = 28;
  const end = first + (trunkBoxes.length - 1) * STEP + HEIGHT;
  const headTop = end + 44;
  const tallest = Math.max(...drawn.map(({ boxes }) => boxes.length));
  const height = headTop + tallest * STEP + 20;
  let left = middle - below / 2;
  const columns = drawn.flatMap(({ title, boxes }, i) => {
    const x = left + widths[i]! / 2;
    left += widths[i]! + GAP;
    const last = headTop + (boxes.length - 1) * STEP + HEIGHT;
    return [
      arrow(middle, end, headTop, x),
      ...column(boxes, x, headTop, widths[i]!),
      label(shorten(title, widths[i]!), x, last + 18),
    ];
  });
  const description = `The network cnn:${summary.architecture}: ${trunkBoxes.length} steps from images of ${summary.input}, then ${drawn.map(({ head }) => head.head).join(", ")}; ${count(summary.parameters)} parameters.`;
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    role="img"
    aria-label="${description}"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    text-anchor="middle"
    font-size="12"
    font-family="system-ui, sans-serif"
  >
    ${label(`${summary.architecture}: ${summary.input}, ${count(summary.parameters)} parameters`, middle, 16)}${column(trunkBoxes, middle, first, trunkWidth)}${columns}
  </svg>`;
}
