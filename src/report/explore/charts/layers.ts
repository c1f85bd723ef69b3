/** @file Decision regions and density contours below the points of a chart. */
import type * as Plot from "@observablehq/plot";
import { type Mark, marksOf } from "../colours.ts";
import type { Facet, Layer } from "../page-data.ts";

/** Rings of a layer as one shape: those that go round the other way are holes. */
export function layerMark(
  layers: readonly Layer[],
  facet: Facet | null,
  marks: readonly Mark[],
): Plot.Markish {
  return (
    _index,
    scales,
    _values,
    { width, height, marginLeft, marginTop, marginRight, marginBottom },
    context,
  ) => {
    const make = (name: string, attributes: Readonly<Record<string, string | number>>) => {
      const element = context!.document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes))
        element.setAttribute(key, String(value));
      return element;
    };
    const group = make("g", { "aria-label": "layers", "clip-path": "url(#map-frame)" });
    const clip = make("clipPath", { id: "map-frame" });
    clip.append(
      make("rect", {
        x: marginLeft,
        y: marginTop,
        width: width - marginLeft - marginRight,
        height: height - marginTop - marginBottom,
      }),
    );
    if (layers.length > 0) group.append(clip);
    for (const { facet: of, value, rings, opacity } of layers) {
      const code = of === facet?.name ? facet.values.indexOf(value) : -1;
      const { colour } = marks[code] ?? marksOf([value])[0]!;
      group.append(
        make("path", {
          d: rings.map((ring) => ringPath(ring, scales)).join(""),
          fill: colour,
          "fill-opacity": opacity,
          stroke: colour,
          "stroke-opacity": Math.min(1, 2 * opacity),
        }),
      );
    }
    return group as SVGElement;
  };
}

function ringPath(ring: Float32Array, { x, y }: Plot.ScaleFunctions): string {
  const corners: string[] = [];
  for (let i = 0; i < ring.length; i += 2)
    corners.push(`${Number(x!(ring[i]!)).toFixed(1)} ${Number(y!(ring[i + 1]!)).toFixed(1)}`);
  return corners.length === 0 ? "" : `M${corners.join("L")}Z`;
}
