/** @file Style or content: pictures are measured, and a cluster made of brightness is told from one made of a group. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { onThisThread, onThreads, openLoadThreads } from "../../../src/data/loader.ts";
import { measurePicture } from "../../../src/data/picture-measures.ts";
import {
  type Control,
  CONTROLS,
  type ControlValues,
  auditControls,
  measureControls,
} from "../../../src/explore/audit/controls.ts";
import { random } from "../../../src/run/random.ts";
import { flatImage, noiseImage, toSharp } from "../../data/images.ts";
import { clusteringOf, groupingOf } from "./samples.ts";

describe("measures of a picture", () => {
  test("flat grey: its level, no contrast, no edges", () => {
    expect(measurePicture(flatImage(5, 4, 51))).toEqual({
      brightness: expect.closeTo(0.2, 6),
      contrast: expect.closeTo(0, 3),
      sharpness: expect.closeTo(0, 6),
      width: 5,
      height: 4,
    });
  });

  test("by hand: one white pixel in the middle of 3 x 3, and of 5 x 5", () => {
    const dot = (side: number) => {
      const image = flatImage(side, side, 0);
      const at = 3 * ((side * side - 1) / 2);
      image.data.fill(255, at, at + 3);
      return measurePicture(image);
    };
    expect(dot(3).sharpness).toBeCloseTo(0, 3); // a single Laplacian has no variance
    // of 9 Laplacians: -4, four times 1, else 0; all times 255
    expect(dot(5).sharpness! / 255 ** 2).toBeCloseTo(20 / 9, 4);
    expect(dot(5).brightness).toBeCloseTo(1 / 25, 6);
    expect(dot(5).contrast).toBeCloseTo(Math.sqrt(1 / 25 - 1 / 625), 5);
  });

  test("colours weigh as luma; a picture below 3 x 3 has no sharpness", () => {
    const red = {
      width: 2,
      height: 9,
      data: Uint8Array.from({ length: 54 }, (_, i) => (i % 3 ? 0 : 255)),
    };
    expect(measurePicture(red)).toMatchObject({
      brightness: expect.closeTo(0.299, 6),
      sharpness: null,
    });
  });
});

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "equiclip-controls-"));
  const threads = openLoadThreads(2);
  afterAll(async () => {
    await threads.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("on this thread and on others: the same numbers; broken files and rows without one are NaN, with the reason", async () => {
    const paths = await Promise.all(
      [20, 200].map(async (level) => {
        const path = join(folder, `${level}.png`);
        writeFileSync(
          path,
          await toSharp(flatImage(8, 6, level))
            .png()
            .toBuffer(),
        );
        return path;
      }),
    );
    const noise = join(folder, "noise.png");
    writeFileSync(noise, await toSharp(noiseImage(9, 9)).png().toBuffer());
    const broken = join(folder, "broken.jpg");
    writeFileSync(broken, "no picture");
    const all = [...paths, null, broken, noise];
    const { values, unreadable } = await measureControls(all, onThisThread);
    expect([...values.brightness]).toEqual([
      expect.closeTo(20 / 255, 6),
      expect.closeTo(200 / 255, 6),
      Number.NaN,
      Number.NaN,
      expect.any(Number),
    ]);
    expect([...values.width]).toEqual([8, 8, Number.NaN, Number.NaN, 9]);
    expect(values.bytes[4]).toBe(statSync(noise).size);
    expect(unreadable).toMatchObject([{ row: 3 }]);
    expect(values.sharpness[4]).toBeGreaterThan(1000);
    expect(await measureControls(all, onThreads(threads))).toEqual({ values, unreadable });
  });
});

/** Noise, but for one control. */
function controlsOf(
  n: number,
  given: Control,
  of: (row: number) => number,
  seed: string,
): ControlValues {
  const draw = random("controls", seed);
  return Object.fromEntries(
    Object.keys(CONTROLS).map((name) => [
      name,
      Float64Array.from({ length: n }, (_, row) => (name === given ? of(row) : draw.normal())),
    ]),
  ) as ControlValues;
}

describe("a cluster made of brightness", () => {
  const draw = random("style");
  const labels = Array.from({ length: 300 }, (_, i) => i % 3);
  const gender = groupingOf(
    "gender",
    labels.map(() => (draw.int(2) ? "f" : "m")),
  );
  const values = controlsOf(
    300,
    "brightness",
    (row) => (labels[row] === 1 ? 0.2 : 0.6) + draw.normal() / 20,
    "style",
  );
  const { flags, overall, clusters } = auditControls(clusteringOf(labels), values, [gender], {
    permutations: 199,
  });

  test("is flagged as style, with the word for it", () => {
    expect(flags.map(({ cluster, control, looks }) => [cluster, control, looks])).toEqual([
      [1, "brightness", "dark"],
    ]);
    expect(flags[0]!.strength).toBeLessThan(-0.95);
    expect(flags[0]!.mean).toBeCloseTo(0.2, 1);
    expect(flags[0]!.restMean).toBeCloseTo(0.6, 1);
  });

  test("clusters explain brightness, and neither the others nor the group", () => {
    expect(overall[0]).toMatchObject({ name: "brightness", kind: "control", rows: 300 });
    expect(overall[0]!.explained).toBeGreaterThan(0.9);
    expect(overall[0]!.pValue).toBe(1 / 200);
    for (const of of overall.slice(1)) expect(of.corrected).toBeLessThan(0.05);
    expect(overall.find(({ kind }) => kind === "group")).toMatchObject({ name: "gender" });
    expect(clusters[0]!.controls.map(({ control }) => control)).toEqual(Object.keys(CONTROLS));
  });
});

test("a cluster of one group that happens to be dark is not called style", () => {
  const labels = Array.from({ length: 200 }, (_, i) => Math.floor(i / 100));
  const draw = random("content");
  const group = groupingOf(
    "g",
    labels.map((c) => (c === 0 ? "a" : "b")),
  );
  const values = controlsOf(
    200,
    "brightness",
    (row) => labels[row]! + draw.normal() / 2.5,
    "content",
  );
  const { flags, clusters } = auditControls(clusteringOf(labels), values, [group], {
    permutations: 19,
  });
  expect(Math.abs(clusters[0]!.controls[0]!.strength!)).toBeGreaterThan(0.8);
  expect(clusters[0]!.strongest).toMatchObject({ attribute: "g", strength: 1 });
  expect(flags).toEqual([]);
});

test("Mann and Whitney's p-value with ties is scipy's, eta squared is that of an analysis of variance", () => {
  const labels = [0, 0, 0, 0, 1, 1, 1, 1, 1];
  const of = [1, 2, 2, 3, 2, 3, 4, 4, 5];
  const values = controlsOf(9, "brightness", (row) => of[row]!, "scipy");
  const { clusters, overall } = auditControls(clusteringOf(labels), values, [], {
    permutations: 99,
  });
  const { strength, pValue, mean } = clusters[0]!.controls[0]!;
  expect(mean).toBe(2);
  // pairs: U = 2.5 of 20
  expect(strength).toBeCloseTo((2 * 2.5) / 20 - 1, 12);
  // scipy.stats.mannwhitneyu(method="asymptotic", use_continuity=False)
  const variance = (20 / 12) * (10 - (24 + 6 + 6) / (9 * 8));
  expect(variance).toBeCloseTo(15.8333, 3);
  expect(pValue).toBeCloseTo(0.0595, 3);
  // sums of squares: between 4 (8/9)^2 + 5 (32/45)^2 = 5.6889, total 12.8889
  expect(overall.find(({ name }) => name === "brightness")!.explained).toBeCloseTo(
    5.6889 / 12.8889,
    4,
  );
});

test("hard cases: no pictures, identical ones, one cluster: reasons, no flags", () => {
  const nothing = controlsOf(4, "brightness", () => Number.NaN, "nothing");
  const labels = clusteringOf([0, 0, 1, 1]);
  const found = auditControls(labels, nothing, [], { permutations: 9, minSize: 1 });
  expect(found.overall.find(({ name }) => name === "brightness")).toMatchObject({
    explained: null,
    reason: "no picture could be measured",
  });
  const same = controlsOf(4, "width", () => 224, "same");
  const { overall, flags } = auditControls(labels, same, [], { permutations: 9, minSize: 1 });
  expect(overall.find(({ name }) => name === "width")).toMatchObject({
    explained: null,
    reason: "it is the same in all pictures",
  });
  expect(flags.filter(({ control }) => control === "width")).toEqual([]);
  const one = auditControls(clusteringOf([0, 0, 0, 0]), same, [], { permutations: 9, minSize: 1 });
  expect(one.overall.every(({ explained }) => explained === null)).toBe(true);
  expect(JSON.stringify([found, one])).not.toMatch(/NaN|Infinity/);
});

test("simulation: clusters that ignore the pictures are flagged no more often than the level, whatever the strength", () => {
  const RUNS = 200;
  const flagged = Array.from({ length: RUNS }, (_, run) => {
    const draw = random("null", run);
    const labels = Array.from({ length: 150 }, () => draw.int(5));
    const values = controlsOf(150, "width", () => 224, `null ${run}`);
    return auditControls(clusteringOf(labels), values, [], {
      permutations: 0,
      strength: 0,
      minSize: 1,
    }).flags.length;
  }).filter((n) => n > 0).length;
  expect(flagged / RUNS).toBeLessThan(0.05 + 2 * Math.sqrt((0.05 * 0.95) / RUNS));
});
