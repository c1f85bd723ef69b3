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
/** `fill-opacity` and not `opacity`, which makes librsvg paint a layer of its own and doubles the time of a face. */
const translucent = (what: "fill" | "stroke", opacity: number): Record<string, number> =>
  opacity === 1 ? {} : { [`${what}-opacity`]: opacity };
export const path = (shape: string, fill: string, opacity = 1): string =>
  element("path", { d: shape, fill, ...translucent("fill", opacity) });
export const line = (shape: string, stroke: string, width: number, opacity = 1): string =>
  element("path", {
    d: shape,
    fill: "none",
    stroke,
    "stroke-width": width,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    ...translucent("stroke", opacity),
  });
export const ellipse = (
  cx: number,
  cy: number,
  rx: number,
  ry: number,
  fill: string,
  opacity = 1,
): string => element("ellipse", { cx, cy, rx, ry, fill, ...translucent("fill", opacity) });
