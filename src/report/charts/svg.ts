/** @file Observable Plot without a browser: a chart as SVG text whose colours come from the page's style sheet. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { Markup, html, trusted } from "../html/template.ts";

/** Colours are CSS variables, so that one drawing serves light and dark. */
export const INK = {
  text: "currentColor",
  muted: "var(--muted)",
  grid: "var(--line)",
  primary: "var(--blue)",
  secondary: "var(--orange)",
  better: "var(--good)",
  worse: "var(--bad)",
  unclear: "var(--muted)",
  surface: "var(--surface)",
} as const;

/** Natural widths: two charts a row (small ones are read on phones too), or three. The page scales them by little, so text keeps its size. */
export const WIDTH = { half: 460, small: 400, third: 330 } as const;

/** From this width on, a chart has a row of its own, and scrolls on narrow screens. */
const WIDE = 600;

export interface Legend {
  readonly label: string;
  readonly color: string;
  readonly shape: "line" | "dash" | "dot" | "ring" | "area" | "tick";
  /** A marker in place of the shape: its path within -8 to 8. */
  readonly path?: string;
}

const WIDE_CHARACTER =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|[\u{10000}-\u{10ffff}]/u;

/** About as wide as a character is at 12 px; those of East Asia and emoji are square. */
const widthOf = (character: string): number => (WIDE_CHARACTER.test(character) ? 12.5 : 7);

export const widthOfText = (text: string): number =>
  [...text].reduce((sum, character) => sum + widthOf(character), 0);

/** The text on one line, or as much of its beginning as takes so many pixels. */
export function shorten(name: string, width: number): string {
  const text = name.replace(/\s+/g, " ");
  const characters = [...text];
  if (widthOfText(text) <= width) return text;
  let used = widthOf("…");
  const kept = characters.findIndex((character) => (used += widthOf(character)) > width);
  return `${characters.slice(0, kept).join("")}…`;
}

/** A vertical axis of names: room for the longest one at 12 px, which is cut where it would take 40% of the chart. */
export function nameAxis(
  names: readonly string[],
  width: number,
): { readonly margin: number; readonly axis: Plot.ScaleOptions } {
  const most = 0.4 * width;
  const short = (name: string): string => shorten(name, most);
  const longest = Math.max(0, ...names.map((name) => widthOfText(short(name))));
  return {
    margin: 12 + longest,
    axis: { domain: names, label: null, tickSize: 0, tickFormat: short },
  };
}

/** A horizontal or vertical axis of numbers that need no name. */
export const numberAxis = (domain: readonly number[], ticks: number): Plot.ScaleOptions => ({
  domain,
  label: null,
  grid: true,
  ticks,
  tickSize: 0,
});

/** An axis of shares, named along its middle. */
export const shareAxis = (label: string, ticks: number): Plot.ScaleOptions => ({
  ...numberAxis([0, 1], ticks),
  label,
  labelAnchor: "center",
  labelArrow: "none",
});

/** Where two shares are equal. */
export const diagonal = (strokeOpacity: number): Plot.Markish =>
  Plot.line(
    [
      [0, 0],
      [1, 1],
    ],
    { stroke: INK.muted, strokeDasharray: "3,3", strokeOpacity },
  );

/** As many ticks as have room for their numbers. */
export const ticksIn = (width: number): number => Math.max(2, Math.min(5, Math.floor(width / 60)));

const swatch = ({ label, color, shape, path }: Legend): Markup =>
  html`<span class="key"
    >${
      path === undefined
        ? html`<i class="swatch ${shape}" style="--ink:${color}"></i>`
        : html`<svg class="marker" viewBox="-8 -8 16 16" aria-hidden="true">
            <path d="${path}" fill="${color}" />
          </svg>`
    }${label}</span
  >`;

/** A chart as SVG text. @param description for those who do not see it */
export function plotSvg(description: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    document,
    width: WIDTH.half,
    style: { fontSize: "12px", background: "none" },
    ...options,
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  // not Plot's ariaLabel: linkedom leaves "<" in attributes as it is
  return svg.outerHTML
    .replace(/<style>.*?<\/style>/s, "")
    .replace("<svg ", html`<svg aria-label="${description}" `.text);
}

/**
 * A figure: title, legend, what is left out, the chart with a description for those who do not see it.
 * @param description what the chart shows, in a sentence; the numbers are in the table beside it
 */
export function figure(
  title: string,
  description: string,
  options: Plot.PlotOptions,
  legend: readonly Legend[] = [],
  note: string | null = null,
): Markup {
  const isWide = (options.width ?? WIDTH.half) > WIDE;
  return html`<figure class="chart ${isWide ? "wide" : ""}">
    <figcaption>${title}</figcaption>
    ${legend.length > 0 && html`<div class="legend">${legend.map(swatch)}</div>`}
    ${note !== null && html`<p class="left-out">${note}</p>`}
    ${trusted(plotSvg(description, options))}
  </figure>`;
}
