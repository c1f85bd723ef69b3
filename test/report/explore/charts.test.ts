/** @file Charts of explorations, in pages and as files: what is drawn, and that other programs can read it. */
import { parseHTML } from "linkedom";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  type Chart,
  chartHtml,
  chartSvg,
  svgPng,
} from "../../../src/report/explore/charts/chart.ts";
import { kCharts, kDistanceChart } from "../../../src/report/explore/charts/curves.ts";
import { distanceChart } from "../../../src/report/explore/charts/distances.ts";
import { driftChart } from "../../../src/report/explore/charts/drift.ts";
import { cosineChart, liftChart } from "../../../src/report/explore/charts/heat-map.ts";
import { highlightCharts, scatterChart } from "../../../src/report/explore/charts/scatter.ts";
import { marksOf } from "../../../src/report/explore/colours.ts";
import type { PageMap } from "../../../src/report/explore/page-data.ts";
import { random } from "../../../src/run/random.ts";
import { facetOf, ring } from "./sample-page.ts";

/** The drawing as a browser reads it. */
function read(chart: Chart) {
  const { document } = parseHTML(`<html><body>${chartSvg(chart)}</body></html>`);
  const all = (selector: string) => [...document.querySelectorAll(selector)];
  return {
    all,
    texts: all("text").map((node) => node.textContent),
    dots: all('[aria-label="dot"] path, [aria-label="dot"] circle'),
  };
}

const mapOf = (coordinates: number[], more: Partial<PageMap> = {}): PageMap => ({
  title: "CLIP · PCA",
  note: "",
  axes: null,
  coordinates: Float32Array.from(coordinates),
  layers: [],
  ...more,
});

const four = mapOf([0, 0, 0.01, 0.01, 0.8, 0.6, -0.4, 0.9], {
  axes: ["component 1 (48.2%)", "component 2 (22.9%)"],
});
const labels = ["cat.jpeg", "dog.jpg", "pizza.png", "tree <small>.jpg"];

/** The box that a text takes, about. */
function boxOf(node: Element) {
  const [x, y] = [...(node.getAttribute("transform") ?? "").matchAll(/-?[\d.]+/g)].map(Number);
  const width = 7 * node.textContent.length;
  const anchor = node.closest("[text-anchor]")!.getAttribute("text-anchor");
  const left = anchor === "start" ? x! : anchor === "end" ? x! - width : x! - width / 2;
  return { left, right: left + width, top: y! - 7, bottom: y! + 7 };
}

describe("a scatter", () => {
  it("has title, axes with their shares, and a name beside each point, none over another", () => {
    const chart = scatterChart(four, null, {
      title: "Proyección 2D de Embeddings (CLIP + PCA)",
      labels,
    });
    const { texts, all, dots } = read(chart);
    for (const part of [chart.title, ...four.axes!, ...labels]) expect(texts).toContain(part);
    expect(dots).toHaveLength(4);
    const boxes = all('[aria-label="text"] text')
      .filter((node) => labels.includes(node.textContent))
      .map(boxOf);
    expect(boxes).toHaveLength(4);
    boxes.forEach((a, i) =>
      boxes.slice(i + 1).forEach((b) => {
        const apart =
          a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
        expect(apart).toBe(true);
      }),
    );
  });

  it("draws one plot of four groups and one a group in which it stands out", () => {
    const group = facetOf("group", ["older", "middle-aged", "young", "person", "older"]);
    const charts = highlightCharts(mapOf([0, 0, 1, 1, 2, 0, 3, 1, 4, 4]), group, {
      title: "t-SNE",
    });
    expect(charts.map(({ title }) => title)).toEqual([
      "t-SNE",
      ...group.values.map((value) => `t-SNE - Highlight: ${value}`),
    ]);
    const older = read(charts[1 + group.values.indexOf("older")]!);
    const opacityOf = (node: Element) =>
      node.closest("[fill-opacity]")!.getAttribute("fill-opacity");
    const { colour } = marksOf(group.values)[group.values.indexOf("older")]!;
    const strong = older.dots.filter((node) => opacityOf(node) === "0.7");
    expect(strong.map((node) => node.getAttribute("fill"))).toEqual([colour, colour]);
    expect(older.dots.filter((node) => opacityOf(node) === "0.1")).toHaveLength(3);
    const shapes = new Set(read(charts[0]!).dots.map((node) => node.getAttribute("d")));
    expect(shapes.size).toBe(4);
  });

  it("has regions and contours below the points, in their label's colour", () => {
    const label = facetOf("label", ["a", "b"]);
    const layer = {
      name: "regions",
      facet: "label",
      value: "b",
      opacity: 0.2,
      rings: [ring(0, 0, 1)],
    };
    const map = mapOf([0, 0, 1, 1], { layers: [layer, { ...layer, name: "density", value: "a" }] });
    const drawn = read(scatterChart(map, label, { layers: ({ name }) => name === "regions" }));
    const [region, ...others] = drawn.all('[aria-label="layers"] > path');
    expect(others).toHaveLength(0);
    expect(region!.getAttribute("fill")).toBe(marksOf(label.values)[1]!.colour);
    expect(region!.getAttribute("fill-opacity")).toBe("0.2");
    const svg = chartSvg(scatterChart(map, label, { layers: () => true }));
    expect(svg.indexOf('aria-label="layers"')).toBeLessThan(svg.indexOf('aria-label="dot"'));
    expect(read(scatterChart(map, label)).all('[aria-label="layers"] > path')).toHaveLength(0);
  });

  it("tells 30 labels apart, and points that have none or are not on the map", () => {
    const names = Array.from({ length: 30 }, (_, i) => `label ${i}`);
    const label = facetOf("label", [...names, null, "label 3"]);
    const coordinates = Array.from({ length: 64 }, (_, i) => (i >= 62 ? Number.NaN : i % 7));
    const chart = scatterChart(mapOf(coordinates), label);
    const { dots } = read(chart);
    expect(dots).toHaveLength(31);
    const looks = new Set(
      dots.map((node) => `${node.getAttribute("fill")} ${node.getAttribute("d")}`),
    );
    expect(looks.size).toBe(31);
    expect(chart.legend).toHaveLength(31);
    expect(chart.note).toBe("1 rows have no place on this map.");
  });

  it.each([
    ["one point", [1, 1]],
    ["none", []],
    ["points in one place", [1, 1, 1, 1, 1, 1]],
    ["points on a line", [0, 0, 1, 0, 2, 0]],
  ])("of %s has no hole", (_, coordinates) => {
    expect(chartSvg(scatterChart(mapOf(coordinates), null))).not.toMatch(/NaN|undefined|Infinity/);
  });
});

const side = 5;
const similar = Float64Array.from({ length: side * side }, (_, k) =>
  k % (side + 1) === 0 ? 1 : 0.6 + 0.01 * k,
);
const charts: Readonly<Record<string, Chart>> = {
  cosine: cosineChart("Cosine", ["a", "a", "<b>", "d", "女性"], similar),
  lift: liftChart(
    "Lift",
    ["0", "1"],
    ["x", "y"],
    [
      [
        { lift: 2, rows: 8, of: 10 },
        { lift: 0, rows: 0, of: 10 },
      ],
      [
        { lift: null, rows: 0, of: 0 },
        { lift: 1.5, rows: 3, of: 4 },
      ],
    ],
  ),
  "k-distance": kDistanceChart(
    "k-distance",
    Float64Array.from({ length: 5_000 }, (_, i) => i / 5_000),
    5,
    0.4,
  ),
  silhouette: kCharts(
    "k",
    [
      { k: 2, silhouette: 0.4, inertia: 9 },
      { k: 3, silhouette: null, inertia: 5 },
    ],
    2,
  )[0]!,
  elbow: kCharts(
    "k",
    [
      { k: 2, silhouette: null, inertia: 9 },
      { k: 3, silhouette: null, inertia: 5 },
    ],
    3,
  )[0]!,
  distances: distanceChart("Pairs", { edges: [0, 1, 2], same: [3, 1], different: [0, 0] }),
  drift: driftChart("Drift", [
    { space: "texts", difference: "young − older", mean: 0.02, interval: [0.01, 0.03] },
    { space: "images", difference: "young − older", mean: null, interval: null },
  ]),
  scatter: scatterChart(four, null, { labels }),
};

describe.each(Object.entries(charts))("%s", (_, chart) => {
  it("is a file that names no variable of the page, and a picture of the size asked for", async () => {
    const svg = chartSvg(chart);
    expect(svg).not.toMatch(/var\(|currentColor|NaN|undefined|Infinity/);
    expect(svg).toContain("<title>");
    const width = Number(/width="(\d+)"/.exec(svg)![1]);
    const { density, ...size } = await sharp(await svgPng(svg, 300)).metadata();
    expect(size.width).toBe(Math.round((width * 300) / 96));
    expect(density).toBe(300);
    expect(chartSvg(chart, "dark")).not.toBe(svg);
  });

  it("is a figure of the page", () => {
    const { document } = parseHTML(`<html><body>${chartHtml(chart).text}</body></html>`);
    expect(document.querySelector("figcaption")!.textContent).toBe(chart.title);
    expect(document.querySelector("figure > svg")!.getAttribute("aria-label")).toBe(
      chart.description,
    );
    expect(document.querySelectorAll("b, small")).toHaveLength(0);
  });
});

describe("values", () => {
  it("of cosines and lifts are in the cells", () => {
    const cells = read(charts["cosine"]!).texts;
    for (const value of ["1.00", "0.61", "0.83"]) expect(cells).toContain(value);
    const lifts = read(charts["lift"]!).texts;
    for (const value of ["2.00", "0.00", "n/a", "1.50", "80.0%", "75.0%"])
      expect(lifts).toContain(value);
  });

  it("of many rows are colours alone", () => {
    const n = 30;
    const chart = cosineChart(
      "Many",
      Array.from({ length: n }, (_, i) => `row ${i}`),
      new Float64Array(n * n).fill(0.3),
    );
    expect(read(chart).texts).not.toContain("0.30");
    expect(read(chart).all('[aria-label="cell"] rect')).toHaveLength(n * n);
  });

  it("of drift say what is undefined", () => {
    expect(read(charts["drift"]!).texts).toContain("+0.020");
    expect(charts["drift"]!.note).toBe("Undefined, so not drawn: 1 of 2 differences.");
  });
});

it("draws 20,000 points", () => {
  const rng = random("scatter");
  const coordinates = Array.from({ length: 40_000 }, () => rng.normal());
  expect(read(scatterChart(mapOf(coordinates), null)).dots).toHaveLength(20_000);
});
