/** @file Borders are measured on rows that neither map nor borders have seen. */
import { describe, expect, test } from "vitest";
import { heldOut, type HeldOutOptions } from "../../../src/explore/border/held-out.ts";
import { fitPca } from "../../../src/explore/map/pca.ts";
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import { random } from "../../../src/run/random.ts";

const OPTIONS: HeldOutOptions = {
  test: 0.25,
  seed: 42,
  svm: { kernel: "rbf", C: 1, gamma: "scale" },
  fit: (x) => fitPca(x, 2),
};

/** `each` rows of each label around centres `apart` from each other, in d dimensions. */
function faces(labels: number, each: number, d: number, apart: number) {
  const draw = random("faces", labels, d);
  const centres = Array.from({ length: labels * d }, () => apart * draw.normal());
  const n = labels * each;
  const codes = Int32Array.from({ length: n }, (_, row) => row % labels);
  const x = Float32Array.from(
    { length: n * d },
    (_, i) => centres[codes[Math.floor(i / d)]! * d + (i % d)]! + draw.normal(),
  );
  const names = Array.from({ length: labels }, (_, label) => `face${label}`);
  return { x: { x, n, d } satisfies Embeddings, codes, names };
}

async function measured(
  x: Embeddings,
  codes: Int32Array,
  names: readonly string[],
  options: HeldOutOptions = OPTIONS,
) {
  const { heldOut: found, reason } = await heldOut(x, codes, names, options);
  if (!found) throw new Error(reason);
  return found;
}

describe("held-out accuracy", () => {
  test("labels far apart: every row placed on the map is told right", async () => {
    const { x, codes, names } = faces(3, 40, 8, 30);
    const found = await measured(x, codes, names);
    expect(found.test.length).toBe(30);
    expect([...found.train, ...found.test].sort((a, b) => a - b)).toEqual([...codes.keys()]);
    expect(found.onMap).toMatchObject({ value: 1, right: 30, rows: 30 });
    expect(found.onMap.interval![0]).toBeCloseTo(0.8865, 4); // Wilson of 30 of 30
    expect(found.onMap.labels.map(({ right, rows }) => [right, rows])).toEqual([
      [10, 10],
      [10, 10],
      [10, 10],
    ]);
    expect(found.inFullSpace.value).toBe(1);
    expect(found.majority).toMatchObject({ value: 1 / 3, right: 10 });
    expect(found.notes).toEqual([]);
  });

  test("labels without any pattern: train rows look separable, held-out ones are at chance", async () => {
    const { x, codes, names } = faces(2, 300, 30, 0);
    const found = await measured(x, codes, names, {
      ...OPTIONS,
      svm: { kernel: "rbf", C: 100, gamma: 50 },
    });
    expect(found.onTrain.value!).toBeGreaterThan(0.85); // the study's picture
    const [low, high] = found.onMap.interval!;
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });

  test("map and borders see train rows alone, and those without a label no one", async () => {
    const { x, codes, names } = faces(2, 20, 4, 5);
    const some = codes.map((code, row) => (row < 8 ? -1 : code));
    const seen: Embeddings[] = [];
    const found = await measured(x, some, names, {
      ...OPTIONS,
      fit: (train) => {
        seen.push(train);
        return fitPca(train, 2);
      },
    });
    expect(seen.map(({ n }) => n)).toEqual([24]);
    expect(found.train.length + found.test.length).toBe(32);
    expect(Math.min(...found.train, ...found.test)).toBe(8);
    found.train.forEach((row, i) =>
      expect(seen[0]!.x.subarray(4 * i, 4 * i + 4)).toEqual(x.x.subarray(4 * row, 4 * row + 4)),
    );
    const other = x.x.slice();
    for (const row of found.test) other.fill(99, 4 * row, 4 * row + 4);
    const again = await measured({ ...x, x: other }, some, names);
    expect(again.map.coordinates).toEqual(found.map.coordinates);
  });

  test("near-duplicates stay on one side; a seed names the split", async () => {
    const { x, codes, names } = faces(2, 30, 4, 5);
    const duplicates = Int32Array.from(codes, (_, row) => Math.floor(row / 6));
    const found = await measured(x, codes, names, { ...OPTIONS, duplicates });
    const sides = duplicates.map((_, row) => (found.test.includes(row) ? 1 : 0));
    for (let row = 0; row < 60; row++) expect(sides[row]).toBe(sides[row - (row % 6)]);
    expect((await measured(x, codes, names)).test).toEqual((await measured(x, codes, names)).test);
    expect((await measured(x, codes, names, { ...OPTIONS, seed: 1 })).test).not.toEqual(
      (await measured(x, codes, names)).test,
    );
  });

  test("40 labels", async () => {
    const { x, codes, names } = faces(40, 8, 16, 30);
    const found = await measured(x, codes, names, {
      ...OPTIONS,
      fit: (train) => fitPca(train, 10),
    });
    expect(found.onMap.value).toBe(1);
    expect(found.onMap.labels).toHaveLength(40);
  });

  test("the machine in the full space is fitted on a sample where all rows cost too much, and it says so", async () => {
    const { x, codes, names } = faces(2, 40, 8, 30);
    const found = await measured(x, codes, names, { ...OPTIONS, mostInFullSpace: 9 });
    expect(found.notes).toEqual([
      "in the full space fitted on 10 of 60 train rows, drawn by label",
    ]);
    expect(found.inFullSpace).toMatchObject({ value: 1, rows: 20 });
  });
});

describe("hard cases", () => {
  test.each([
    ["one label", [0, 0, 0, 0], /^a border needs rows of two labels.*of 4 labelled rows, the 3/],
    ["two images", [0, 1, -1, -1], /two labels|too few to hold some out/],
    ["no labels", [-1, -1, -1, -1], /^a border needs rows of two labels/],
  ])("%s: no accuracy, and why", async (_, codes, reason) => {
    const x: Embeddings = { x: Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1), n: 4, d: 2 };
    const found = await heldOut(x, Int32Array.from(codes), ["a", "b"], OPTIONS);
    expect(found.heldOut).toBeNull();
    expect(found.reason).toMatch(reason);
  });

  test("identical rows of two labels are guessed alike", async () => {
    const x: Embeddings = { x: new Float32Array(80).fill(1), n: 40, d: 2 };
    const codes = Int32Array.from({ length: 40 }, (_, row) => (row % 4 === 0 ? 1 : 0));
    const found = await measured(x, codes, ["a", "b"]);
    expect(found.onMap.value).toBe(found.majority.value);
    expect(found.inFullSpace.value).toBe(0.7);
  });

  test("a label of one row is held out: said, and counted as wrong", async () => {
    const { x, codes, names } = faces(2, 20, 4, 30);
    const lone = codes.map((code, row) => (row === 7 ? 2 : code));
    const found = await measured(x, lone, [...names, "lone"], { ...OPTIONS, test: 0.75 });
    expect(found.test).toContain(7);
    expect(found.onMap.labels[2]).toMatchObject({ right: 0, rows: 1 });
    expect(found.notes).toContain("held out, but in no train row, so always wrong: lone");
  });

  test("a map without a place for new points is refused", async () => {
    const { x, codes, names } = faces(2, 20, 4, 5);
    const noPlace = async (train: Embeddings) => ({ ...(await fitPca(train, 2)), place: null });
    await expect(heldOut(x, codes, names, { ...OPTIONS, fit: noPlace })).rejects.toThrow(
      "no place for new points",
    );
  });
});
