/** @file The few SVG elements that faces are made of. */

/** Numbers with two decimals keep the text short. */
export const f = (value: number): string => value.toFixed(2);
/** A path from a template, numbers shortened. */
export const d = (strings: TemplateStringsArray, ...values: number[]): string =>
  String.raw({ raw: strings }, ...values.map(f));

export const element = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): string =>
  `<${name} ${Object.entries(attributes)
    .map(([key, value]) => `${key}="${typeof value === "number" ? f(value) : value}"`)
    .join(" ")}/>`;
export const path = (shape: string, fill: string, opacity = 1): string =>
  element("path", { d: shape, fill, opacity });
export const line = (shape: string, stroke: string, width: number, opacity = 1): string =>
  element("path", {
    d: shape,
    fill: "none",
    stroke,
    "stroke-width": width,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    opacity,
  });
export const ellipse = (
  cx: number,
  cy: number,
  rx: number,
  ry: number,
  fill: string,
  opacity = 1,
): string => element("ellipse", { cx, cy, rx, ry, fill, opacity });
