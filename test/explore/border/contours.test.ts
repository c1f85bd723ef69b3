/** @file Density contours of labels: on them the density is what it should be, and the share outside is as said. */
import { describe, expect, test } from "vitest";
import { densityContours } from "../../../src/explore/border/contours.ts";
import { random } from "../../../src/run/random.ts";
import { area, isClosed, isInside } from "./polygons.ts";

/** Correlated points, the second axis a hundred times smaller. */
function cloud(n: number, key: string): Float64Array {
  const draw = random("cloud", key);
  const out = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    const [u, v] = [draw.normal(), draw.normal()];
    out[2 * i] = 5 + 3 * u;
    out[2 * i + 1] = -2 + 0.02 * u + 0.03 * v;
  }
  return out;
}

/** scipy's gaussian_kde by its definition. */
function density(points: Float64Array, x: number, y: number): number {
  const n = points.length / 2;
  const [xs, ys] = [0, 1].map((axis) => points.filter((_, k) => k % 2 === axis));
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / n;
  const [mx, my] = [mean(xs!), mean(ys!)];
  const covariance = (a: Float64Array, ma: number, b: Float64Array, mb: number): number =>
    (a.reduce((sum, v, i) => sum + (v - ma) * (b[i]! - mb), 0) / (n - 1)) * n ** (-1 / 3);
  const [xx, xy, yy] = [
    covariance(xs!, mx, xs!, mx),
    covariance(xs!, mx, ys!, my),
    covariance(ys!, my, ys!, my),
  ];
  const determinant = xx * yy - xy * xy;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [x - xs![i]!, y - ys![i]!];
    sum += Math.exp(-(yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / (2 * determinant));
  }
  return sum / (n * 2 * Math.PI * Math.sqrt(determinant));
}

describe("contours of a label", () => {
  const points = cloud(400, "a");
  const [contour] = densityContours(points, new Int32Array(400), ["a"]).labels;

  test("there are three closed levels, each within the one before", () => {
    expect(contour!.levels.map(({ outside }) => outside)).toEqual([
      0.05,
      0.05 + 0.95 / 3,
      0.05 + 1.9 / 3,
    ]);
    const areas = contour!.levels.map(({ rings }) => area(rings));
    expect(areas[0]).toBeGreaterThan(areas[1]!);
    expect(areas[1]).toBeGreaterThan(areas[2]!);
    expect(areas[2]).toBeGreaterThan(0);
    for (const { rings } of contour!.levels) expect(rings.every(isClosed)).toBe(true);
  });

  test("on them the density is the level's, in the map's own units", () => {
    const peak = density(points, 5, -2);
    for (const { rings, density: level } of contour!.levels)
      for (const ring of rings)
        for (let k = 0; k < ring.length; k += 20)
          expect(Math.abs(density(points, ring[k]!, ring[k + 1]!) - level) / peak).toBeLessThan(
            0.005,
          );
  });

  test("the share outside is that of points drawn from the density", () => {
    const draw = random("from the density");
    const bandwidth = 400 ** (-1 / 6);
    const noise = cloud(20000, "b");
    let outside = [0, 0, 0];
    for (let i = 0; i < 20000; i++) {
      const from = draw.int(400);
      const [x, y] = [0, 1].map(
        (axis) => points[2 * from + axis]! + bandwidth * (noise[2 * i + axis]! - [5, -2][axis]!),
      );
      outside = outside.map((count, level) =>
        isInside(contour!.levels[level]!.rings, x!, y!) ? count : count + 1,
      );
    }
    outside.forEach((count, level) =>
      expect(Math.abs(count / 20000 - contour!.levels[level]!.outside)).toBeLessThan(0.02),
    );
  });
});

test("two far blobs of one label have a ring each; the other label has its own", () => {
  const [a, b] = [cloud(200, "a"), cloud(200, "b").map((v, k) => v + (k % 2 === 0 ? 100 : 0))];
  const coordinates = Float64Array.from([...a, ...b, ...a]);
  const codes = Int32Array.from({ length: 600 }, (_, i) => (i < 400 ? 1 : 0));
  const { labels } = densityContours(coordinates, codes, ["one", "two"], 1);
  expect(labels.map(({ code, points, levels }) => [code, points, levels[0]!.rings.length])).toEqual(
    [
      [0, 200, 1],
      [1, 400, 2],
    ],
  );
});

test("labels of fewer than five points are skipped and named, and those without extent", () => {
  const line = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
  const same = Array.from({ length: 12 }, () => 7);
  const square = [0, 0, 1, 0, 0, 1, 1, 1, Number.NaN, 5, 0.5, 0.5];
  const coordinates = Float64Array.from([...line, ...same, ...square, 1, 2, 3, 4]);
  const codes = Int32Array.from([
    ...Array.from({ length: 5 }, () => 0),
    ...Array.from({ length: 6 }, () => 1),
    ...Array.from({ length: 6 }, () => 2),
    3,
    -1,
  ]);
  const { labels, notes } = densityContours(coordinates, codes, ["line", "same", "square", "lone"]);
  expect(labels.map(({ code, points }) => [code, points])).toEqual([[2, 5]]);
  expect(notes).toEqual([
    "no contours of line: its 5 points lie on a line or in one place",
    "no contours of same: its 6 points lie on a line or in one place",
    "no contours of lone: 1 points on the map, and an estimate of density takes 5",
  ]);
});

test("40 labels", () => {
  const coordinates = cloud(400, "c");
  const codes = Int32Array.from({ length: 400 }, (_, i) => i % 40);
  const names = Array.from({ length: 40 }, (_, i) => `${i}`);
  expect(densityContours(coordinates, codes, names).labels).toHaveLength(40);
});
