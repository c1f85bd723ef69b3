/** @file A chart as a value: drawn once within the page, and as a file of its own for papers. */
import type * as Plot from "@observablehq/plot";
import sharp from "sharp";
import { type Legend, WIDTH, figure, plotSvg, shorten, widthOfText } from "../../charts/svg.ts";
import { CSS } from "../../html/css.ts";
import { type Markup, escapeHtml } from "../../html/template.ts";

export interface Chart {
  readonly title: string;
  /** What it shows, in a sentence, for those who do not see it. */
  readonly description: string;
  /** Colours are those of pages (`INK`) or #rrggbb. */
  readonly options: Plot.PlotOptions;
  readonly legend: readonly Legend[];
  /** What is not drawn, and how to read what is. */
  readonly note: string | null;
}

/** The chart within a page, in the page's colours. */
export const chartHtml = ({ title, description, options, legend, note }: Chart): Markup =>
  figure(title, description, options, legend, note);

type Scheme = "light" | "dark";

/** Colours of the page by name. */
const variablesOf = (scheme: Scheme): ReadonlyMap<string, string> =>
  new Map(
    [...CSS.matchAll(/--([\w-]+): light-dark\(([^,]+), ([^)]+)\);/g)].map(
      ([, name, light, dark]) => [name!, scheme === "light" ? light! : dark!],
    ),
  );

/** Programs that draw SVG files know no style sheet of ours. */
export function resolved(svg: string, scheme: Scheme): string {
  const variables = variablesOf(scheme);
  return svg
    .replace(/var\(--([\w-]+)\)/g, (_, name: string) => variables.get(name) ?? "#808080")
    .replaceAll("currentColor", variables.get("text")!);
}

const FONTS =
  "'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', 'Noto Sans', 'Noto Sans CJK SC', sans-serif";
const MARGIN = 16;
const LINE = 18;
/** Of a swatch with the space after it. */
const SWATCH = 18;
const BETWEEN = 16;

interface Piece {
  readonly svg: string;
  readonly height: number;
}

const text = (words: string, x: number, y: number, more: string): string =>
  `<text x="${x}" y="${y}" ${more}>${escapeHtml(words)}</text>`;

/** Words in lines of at most so many pixels at 12 px. */
function wrapped(words: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(/\s+/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOfText(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(shorten(word, width));
  }
  return lines;
}

const lines = (words: string, width: number, scale: number, more: string): Piece => {
  const all = wrapped(words, width / scale);
  const step = LINE * scale;
  return {
    svg: all.map((line, i) => text(line, 0, step * (i + 0.75), more)).join(""),
    height: step * all.length,
  };
};

const swatches: Readonly<Record<Legend["shape"], (color: string) => string>> = {
  line: (color) => `<path d="M-6 0H6" stroke="${color}" stroke-width="2"/>`,
  dash: (color) => `<path d="M-6 0H6" stroke="${color}" stroke-width="2" stroke-dasharray="4,3"/>`,
  dot: (color) => `<circle r="4.5" fill="${color}"/>`,
  ring: (color) => `<circle r="4" fill="none" stroke="${color}" stroke-width="2"/>`,
  area: (color) => `<rect x="-5.5" y="-5.5" width="11" height="11" rx="3" fill="${color}"/>`,
  tick: (color) => `<path d="M0 -6V6" stroke="${color}" stroke-width="2"/>`,
};

/** Entries side by side, in as many rows as they take. */
function legendPiece(legend: readonly Legend[], width: number): Piece {
  let [x, row] = [0, 0];
  const entries = legend.map(({ label, color, shape, path }) => {
    const name = shorten(label, width - SWATCH);
    const wide = SWATCH + widthOfText(name);
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
    const drawn =
      path === undefined ? swatches[shape](color) : `<path d="${path}" fill="${color}"/>`;
    const entry = `<g transform="translate(${x + 6},${LINE * (row + 0.5)})">${drawn}${text(name, 12, 4, 'font-size="12"')}</g>`;
    x += wide + BETWEEN;
    return entry;
  });
  return { svg: entries.join(""), height: legend.length === 0 ? 0 : LINE * (row + 1) + 4 };
}

/** The chart as an SVG file: title, legend and note in it, colours resolved, on the background of pages. */
export function chartSvg(
  { title, description, options, legend, note }: Chart,
  scheme: Scheme = "light",
): string {
  const width = options.width ?? WIDTH.half;
  const inner = plotSvg(description, options).replace("<svg ", '<svg overflow="visible" ');
  const height = Number(/ height="([\d.]+)"/.exec(inner)![1]);
  const pieces: Piece[] = [
    lines(title, width, 1.25, 'font-size="15" font-weight="bold"'),
    legendPiece(legend, width),
    ...(note === null ? [] : [lines(note, width, 0.95, 'font-size="11.5" fill="var(--muted)"')]),
    { svg: inner, height },
  ];
  let y = MARGIN;
  const body = pieces.map((piece) => {
    const placed = `<g transform="translate(${MARGIN},${y})">${piece.svg}</g>`;
    y += piece.height + (piece.height > 0 ? 4 : 0);
    return placed;
  });
  const [w, h] = [width + 2 * MARGIN, Math.ceil(y + MARGIN - 4)];
  return resolved(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="${FONTS}" font-size="12" fill="currentColor"><title>${escapeHtml(title)}</title><rect width="${w}" height="${h}" fill="var(--surface)"/>${body.join("")}</svg>\n`,
    scheme,
  );
}

/** Pixels of an SVG in an inch, and the density at which sharp takes one of them for one of its own. */
const [SVG_DPI, SHARP_DPI] = [96, 72] as const;

/** An SVG file as PNG of the same size in inches: at 300 dpi, for print, 300 / 96 pixels a pixel. */
export const svgPng = (svg: string, dpi = 300): Promise<Buffer> =>
  sharp(Buffer.from(svg), {
    density: (dpi * SHARP_DPI) / SVG_DPI,
    limitInputPixels: false,
    unlimited: true,
  })
    .withMetadata({ density: dpi })
    .png()
    .toBuffer();
