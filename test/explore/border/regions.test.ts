/** @file Decision regions: outlines of cells, and the region under every point. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decisionRegions } from "../../../src/explore/border/regions.ts";
import { ringsOf } from "../../../src/explore/border/rings.ts";
import { fitSvm } from "../../../src/explore/border/svm.ts";
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import { random } from "../../../src/run/random.ts";
import { area, isClosed, isInside } from "./polygons.ts";

describe("outlines of cells", () => {
  test("a square with a hole, by hand", () => {
    const labels = Int32Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1);
    expect(ringsOf({ labels, columns: 3, rows: 3 }, 1)).toEqual([
      [0, 0, 3, 0, 3, 3, 0, 3, 0, 0],
      [1, 1, 1, 2, 2, 2, 2, 1, 1, 1],
    ]);
    expect(ringsOf({ labels, columns: 3, rows: 3 }, 0)).toEqual([[1, 1, 2, 1, 2, 2, 1, 2, 1, 1]]);
  });

  test("cells that touch at a corner have rings of their own", () => {
    const rings = ringsOf({ labels: Int32Array.of(1, 0, 0, 1), columns: 2, rows: 2 }, 1);
    expect(rings).toEqual([
      [0, 0, 1, 0, 1, 1, 0, 1, 0, 0],
      [1, 1, 2, 1, 2, 2, 1, 2, 1, 1],
    ]);
  });

  test("rings hold the label's cells and no others", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 9, maxLength: 81 }),
        (columns, cells) => {
          const rows = Math.floor(cells.length / columns);
          const labels = Int32Array.from(cells.slice(0, rows * columns));
          for (const label of [0, 1, 2]) {
            const rings = ringsOf({ labels, columns, rows }, label);
            expect(rings.every(isClosed)).toBe(true);
            expect(area(rings)).toBe(labels.filter((of) => of === label).length);
            labels.forEach((of, i) =>
              expect(isInside(rings, (i % columns) + 0.5, Math.floor(i / columns) + 0.5)).toBe(
                of === label,
              ),
            );
          }
        },
      ),
    );
  });
});

/** The code of the region at a point, or how many there are. */
function regionAt(regions: ReturnType<typeof decisionRegions>["regions"], x: number, y: number) {
  const found = regions.filter(({ rings }) => isInside(rings, x, y));
  return found.length === 1 ? found[0]!.code : `${found.length} regions`;
}

function expectRegionsUnderPoints(coordinates: Float64Array, codes: Int32Array, classes: number) {
  const x: Embeddings = { x: coordinates, n: codes.length, d: 2 };
  const { svm } = fitSvm(x, codes, classes, { kernel: "rbf", C: 1, gamma: "scale" });
  const { regions, step } = decisionRegions(coordinates, svm!.predict, { margin: 0.5, step: 0.1 });
  svm!
    .predict(x)
    .forEach((code, i) =>
      expect(regionAt(regions, coordinates[2 * i]!, coordinates[2 * i + 1]!)).toBe(code),
    );
  return { regions, step };
}

describe("decision regions", () => {
  test("the region under each point is its prediction: overlapping blobs of 2, 5 and 40 labels", () => {
    for (const classes of [2, 5, 40]) {
      const draw = random("regions", classes);
      const n = 320;
      const codes = Int32Array.from({ length: n }, (_, i) => i % classes);
      const centres = Array.from({ length: 2 * classes }, () => 4 * draw.normal());
      const coordinates = Float64Array.from(
        { length: 2 * n },
        (_, k) => centres[2 * codes[k >> 1]! + (k % 2)]! + draw.normal(),
      );
      const { regions } = expectRegionsUnderPoints(coordinates, codes, classes);
      expect(regions.length).toBeGreaterThan(1);
      for (const { rings } of regions) expect(rings.every(isClosed)).toBe(true);
    }
  });

  test("a point far less than a cell from the border lies in its own region", () => {
    const coordinates = Float64Array.of(0, 0, 10, 10, 3.0001, 5, 2.9999, 5, 3.004, 7, 2.996, 7.1);
    const predict = ({ x, n }: Embeddings): Int32Array =>
      Int32Array.from({ length: n }, (_, i) => (x[2 * i]! < 3 ? 4 : 7));
    const { regions, step } = decisionRegions(coordinates, predict, { margin: 1, step: 0.5 });
    expect(step).toBe(0.5);
    predict({ x: coordinates, n: 6, d: 2 }).forEach((code, i) =>
      expect(regionAt(regions, coordinates[2 * i]!, coordinates[2 * i + 1]!)).toBe(code),
    );
  });

  test("regions cover the grid once", () => {
    const draw = random("cover");
    const coordinates = Float64Array.from({ length: 400 }, () => draw.normal());
    const codes = Int32Array.from({ length: 200 }, () => draw.int(3));
    const { regions } = expectRegionsUnderPoints(coordinates, codes, 3);
    const all = regions.flatMap(({ rings }) => [...rings]);
    const ends = [0, 1].map((axis) => {
      const values = all.flatMap((ring) => [...ring].filter((_, k) => k % 2 === axis));
      return Math.max(...values) - Math.min(...values);
    });
    expect(area(all) / (ends[0]! * ends[1]!)).toBeCloseTo(1, 4);
  });

  test("borders between blocks are followed to the step of the grid", () => {
    const coordinates = Float64Array.of(0, 0, 20, 20);
    // a stripe narrower than a block, which only one point lies in
    const predict = ({ x, n }: Embeddings): Int32Array =>
      Int32Array.from({ length: n }, (_, i) => (Math.abs(x[2 * i]! - x[2 * i + 1]!) < 0.1 ? 1 : 0));
    const { regions, step } = decisionRegions(coordinates, predict, { margin: 1, step: 0.05 });
    const stripe = regions.find(({ code }) => code === 1)!;
    for (let t = -0.5; t < 20.5; t += 0.37) {
      expect(isInside(stripe.rings, t, t)).toBe(true);
      expect(isInside(stripe.rings, t + 0.1 + step, t - step)).toBe(false);
    }
  });

  test("the grid reaches as far as asked; a step too fine for the cells is coarser, and it says so", () => {
    const coordinates = Float64Array.of(0, 0, 18, 8);
    const one = ({ n }: Embeddings): Int32Array => new Int32Array(n);
    const { regions, notes } = decisionRegions(coordinates, one, { margin: 1, step: 0.02 });
    expect(regions).toHaveLength(1);
    const [ring] = regions[0]!.rings;
    expect(ring!.slice(0, 2)).toEqual(Float32Array.of(-1, -1));
    expect(Math.abs(area([ring!]) - 200)).toBeLessThan(20 * 0.05);
    expect(notes).toEqual([
      "decision regions on a grid of step 0.0500 in place of 0.02: 400 cells a side",
    ]);
  });

  test("two points, identical points", () => {
    for (const coordinates of [
      [0, 0, 1, 1],
      [2, 2, 2, 2],
      [0, 0, 1e-9, 0],
    ].map((c) => Float64Array.from(c)))
      expect(decisionRegions(coordinates, ({ n }) => new Int32Array(n)).regions).toHaveLength(1);
    expectRegionsUnderPoints(Float64Array.of(0, 0, 1, 1), Int32Array.of(0, 1), 2);
    expectRegionsUnderPoints(Float64Array.of(2, 2, 2, 2, 2, 2), Int32Array.of(0, 1, 1), 2);
  });
});
