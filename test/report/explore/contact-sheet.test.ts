/** @file Contact sheets and figures of quadruplets: which pictures, how many tiles, and what is said where one is missing. */
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { contactSheet, sheetRows } from "../../../src/report/explore/contact-sheet.ts";
import { panelLines, quadrupletFigure } from "../../../src/report/explore/quadruplet.ts";
import { overlaySvg } from "../../../src/report/explore/tiles.ts";

const solid = (background: string, width = 60, height = 60) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();

/** Squares of a picture in which some pixel has about a colour. */
async function hasColour(png: Buffer, [r, g, b]: readonly [number, number, number]) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let found = 0;
  for (let i = 0; i < data.length; i += 3)
    if (Math.abs(data[i]! - r) + Math.abs(data[i + 1]! - g) + Math.abs(data[i + 2]! - b) < 12)
      found++;
  return { pixels: found, width: info.width, height: info.height };
}

describe("rows of a sheet", () => {
  const labels = Int32Array.of(0, 1, 0, 0, 1, 0, -1, 0);
  const distances = Float64Array.of(5, 0, 1, 3, 0, 1, Number.NaN, 4);

  it("are the nearest, ties by row, and others at random, seeded", () => {
    const rows = sheetRows({ labels, distances }, 0, { nearest: 2, random: 2 }, 1);
    expect(rows.nearest).toEqual([2, 5]);
    expect(rows.random).toHaveLength(2);
    for (const row of rows.random) expect([0, 3, 7]).toContain(row);
    expect(sheetRows({ labels, distances }, 0, { nearest: 2, random: 2 }, 1)).toEqual(rows);
  });

  it("are fewer in a small cluster, and of noise all at random", () => {
    expect(sheetRows({ labels, distances }, 1, { nearest: 8, random: 8 }, 1)).toEqual({
      nearest: [1, 4],
      random: [],
    });
    expect(sheetRows({ labels, distances }, -1, { nearest: 8, random: 8 }, 1)).toEqual({
      nearest: [],
      random: [6],
    });
  });
});

describe("a contact sheet", () => {
  it("has a tile for each picture, of any shape", async () => {
    const colours = ["#ff0000", "#00ff00", "#0000ff"] as const;
    const tiles = await Promise.all(
      colours.map(async (colour, i) => ({
        picture: { image: await solid(colour, 60 + 60 * i, 60) },
        label: `picture ${i}`,
      })),
    );
    const sheet = await contactSheet("Cluster 0 · 3 rows", [
      { title: "Nearest to the centre", tiles },
      { title: "At random", tiles: [tiles[0]!] },
    ]);
    const [red, green, blue] = await Promise.all([
      hasColour(sheet, [255, 0, 0]),
      hasColour(sheet, [0, 255, 0]),
      hasColour(sheet, [0, 0, 255]),
    ]);
    expect(red.pixels).toBe(2 * 128 * 128);
    expect(green.pixels).toBe(128 * 64);
    expect(Math.abs(blue.pixels - 128 * 43)).toBeLessThanOrEqual(128);
  });

  it("says which picture is missing or broken instead of failing", async () => {
    const sheet = await contactSheet("Cluster <1>", [
      {
        title: "Nearest to the centre",
        tiles: [
          { picture: { missing: "no picture was drawn" }, label: "a" },
          { picture: { image: "/no/such/file.png" }, label: "b" },
          { picture: { image: (await solid("#ff0000")).subarray(0, 60) }, label: "c" },
        ],
      },
    ]);
    expect((await hasColour(sheet, [241, 243, 246])).pixels).toBeGreaterThan(3 * 128 * 100);
  });
});

describe("a quadruplet", () => {
  const values = [
    { name: "CLIP image", value: 0.81249 },
    { name: "DINO", value: -0.0001 },
    { name: "pixels", value: null },
  ];

  it("has four panels with their values, and the neutral one without", async () => {
    const panels = await Promise.all(
      (["#800080", "#ff0000", "#008000", "#0000ff"] as const).map(async (colour, i) => ({
        name: ["neutral", "young", "middle", "older"][i]!,
        picture: { image: await solid(colour) },
        values: i === 0 ? [] : values,
      })),
    );
    expect(panelLines(panels[0]!)).toEqual(["neutral"]);
    expect(panelLines(panels[1]!)).toEqual([
      "young",
      "CLIP image: 0.812",
      "DINO: 0.000",
      "pixels: n/a",
    ]);
    const figure = await quadrupletFigure("a person cooking", panels);
    for (const rgb of [
      [128, 0, 128],
      [255, 0, 0],
      [0, 128, 0],
      [0, 0, 255],
    ] as const)
      expect((await hasColour(figure, rgb)).pixels).toBe(260 * 260);
  });

  it("has an empty panel for a picture that was not drawn", async () => {
    const panels = [{ name: "young", picture: { missing: "not drawn yet" }, values }];
    const figure = await quadrupletFigure("a person cooking", panels);
    expect((await hasColour(figure, [241, 243, 246])).pixels).toBeGreaterThan(200 * 200);
  });
});

it("escapes words, and cuts what is too long", () => {
  const svg = overlaySvg(100, 20, [
    { text: "<b> & a very long line of words", x: 0, y: 12, size: 12, width: 60 },
  ]);
  expect(svg).toContain("&lt;b&gt; &amp;");
  expect(svg).toContain("…");
});
