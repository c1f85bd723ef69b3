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

/** Natural width; the page scales it down on narrow screens, where 11 px text is still read. */
export const WIDTH = 460;

export interface Legend {
  readonly label: string;
  readonly color: string;
  readonly shape: "line" | "dash" | "dot" | "ring" | "area";
}

/** Room for the longest label of a vertical axis, at most 40% of the chart. */
export const labelMargin = (labels: readonly string[]): number =>
  Math.min(0.4 * WIDTH, 18 + 6.6 * Math.max(0, ...labels.map((label) => label.length)));

/** A label that fits `labelMargin`. */
export const shorten = (label: string, length = 26): string =>
  label.length > length ? `${label.slice(0, length - 1)}…` : label;

const swatch = ({ label, color, shape }: Legend): Markup =>
  html`<span class="key"><i class="swatch ${shape}" style="--ink:${color}"></i>${label}</span>`;

/**
 * A figure: title, legend, the chart with a description for those who do not see it.
 * @param description what the chart shows, in a sentence; the numbers are in the table beside it
 */
export function figure(
  title: string,
  description: string,
  options: Plot.PlotOptions,
  legend: readonly Legend[] = [],
): Markup {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    document,
    width: WIDTH,
    style: { fontSize: "12px", background: "none" },
    ...options,
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  // not Plot's ariaLabel: linkedom leaves "<" in attributes as it is
  const text = svg.outerHTML
    .replace(/<style>.*?<\/style>/s, "")
    .replace("<svg ", html`<svg aria-label="${description}" `.text);
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    ${legend.length > 0 && html`<div class="legend">${legend.map(swatch)}</div>`} ${trusted(text)}
  </figure>`;
}
