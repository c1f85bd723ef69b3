/** @file What the page's script counts and where it finds points, without a browser. */
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { PageData } from "../../../src/report/explore/browser/data.ts";
import { makeGeometry } from "../../../src/report/explore/browser/geometry.ts";
import { type Asked, makePoints } from "../../../src/report/explore/browser/points.ts";
import { UNLABELLED } from "../../../src/report/explore/colours.ts";
import { SCRIPT } from "../../../src/report/explore/script.ts";

const codes = [Int32Array.of(0, 0, 1, -1, 1, 0), Int32Array.of(0, 1, 0, 1, 0, 1)];
const facet = (name: string, values: readonly string[]) => ({ name, values, codes: "", marks: [] });
const page: PageData = {
  n: 6,
  ids: ["a,1", 'b"2', "c", "d", "ÉTÉ", "f"],
  texts: ["one", null, "three", "four", "five", "six"],
  facets: [facet("group", ["x", "y"]), facet("kind", ["u", "v"])],
  unlabelled: UNLABELLED,
  maps: [],
  sheets: null,
};
const points = makePoints(page, codes);
const all: Asked = {
  colour: 0,
  hidden: new Set(),
  raised: null,
  filters: [null, null],
  isFaint: false,
};
const levels = (asked: Partial<Asked>) => {
  const out = new Uint8Array(page.n);
  points.levels({ ...all, ...asked }, out);
  return [...out];
};

describe("points", () => {
  it("are hidden by legend and filters, faint beside one that stands out", () => {
    expect(levels({})).toEqual([2, 2, 2, 2, 2, 2]);
    expect(levels({ hidden: new Set([1, -1]) })).toEqual([2, 2, 0, 0, 0, 2]);
    expect(levels({ raised: 1 })).toEqual([1, 1, 2, 1, 2, 1]);
    expect(levels({ filters: [0, 1] })).toEqual([0, 2, 0, 0, 0, 2]);
    expect(levels({ filters: [0, 1], isFaint: true })).toEqual([1, 2, 1, 1, 1, 2]);
  });

  it("of a selection are counted by value, with lift", () => {
    expect(points.shares(0, [0, 1, 3, 4])).toEqual([
      { code: 0, selected: 2, all: 3, lift: 1 },
      { code: -1, selected: 1, all: 1, lift: 1.5 },
      { code: 1, selected: 1, all: 2, lift: 0.75 },
    ]);
    expect(points.shares(0, [])[0]!.lift).toBeNull();
  });

  it("are found by id or text in any case", () => {
    expect(points.search("été")).toEqual([4]);
    expect(points.search("F")).toEqual([3, 4, 5]);
    expect(points.search("  ")).toEqual([]);
  });

  it("go into a CSV that survives commas and quotes", () => {
    expect(points.csv([0, 1, 3])).toBe(
      'id,text,group,kind\r\n"a,1",one,x,u\r\n"b""2",,x,v\r\nd,four,,v\r\n',
    );
  });
});

describe("a view", () => {
  const { fit, project, zoomAt, moved, nearest, isInside } = makeGeometry();
  const size = { width: 400, height: 300 };
  const coordinates = Float32Array.of(-1, 0, 1, 0, Number.NaN, Number.NaN, 0, 0.5);

  it("holds all points, with what is nowhere left out", () => {
    const view = fit(coordinates, size);
    expect([view.x, view.y]).toEqual([0, 0.25]);
    const out = new Float32Array(8);
    project(coordinates, view, size, out);
    expect(out[0]).toBeCloseTo(28);
    expect(out[2]).toBeCloseTo(372);
    expect(nearest(out, out[6]! + 3, out[7]!, 10, () => true)).toBe(3);
    expect(nearest(out, out[6]! + 3, out[7]!, 10, (i) => i !== 3)).toBe(-1);
    for (const odd of [new Float32Array(0), Float32Array.of(3, 3), Float32Array.of(NaN, NaN)])
      expect(Number.isFinite(fit(odd, size).scale)).toBe(true);
  });

  it("keeps the point under the pointer when it zooms, and moves by pixels", () => {
    const view = { x: 2, y: -1, scale: 10 };
    const before = new Float32Array(2);
    const after = new Float32Array(2);
    const [x, y] = [view.x + (90 - 200) / 10, view.y - (70 - 150) / 10];
    project(Float32Array.of(x, y), zoomAt(view, size, 90, 70, 3), size, after);
    expect([...after]).toEqual([90, 70]);
    project(Float32Array.of(x, y), view, size, before);
    project(Float32Array.of(x, y), moved(view, 7, -4), size, after);
    expect(after[0]! - before[0]!).toBeCloseTo(7, 4);
    expect(after[1]! - before[1]!).toBeCloseTo(-4, 4);
  });

  it("knows what lies within a line, bent inwards too", () => {
    const ring = [0, 0, 10, 0, 10, 10, 5, 2, 0, 10];
    expect(isInside(ring, 5, 1)).toBe(true);
    expect(isInside(ring, 5, 5)).toBe(false);
    expect(isInside(ring, 11, 5)).toBe(false);
    expect(isInside([], 0, 0)).toBe(false);
  });
});

it("is a script whose parts need nothing but the browser", () => {
  expect(SCRIPT).not.toMatch(/<\/script|<!--|import |require\(/);
  const made = runInNewContext(`(${makeGeometry.toString()})()`) as ReturnType<typeof makeGeometry>;
  expect(made.isInside([0, 0, 4, 0, 0, 4], 1, 1)).toBe(true);
  const counted = runInNewContext(`(${makePoints.toString()})`) as typeof makePoints;
  expect(counted(page, codes).csv([2])).toBe(points.csv([2]));
});
