import { describe, expect, test } from "vitest";
import {
  FACE_PROMPTS,
  type Face,
  faceDrift,
  type FaceSpace,
  faceSummary,
} from "../../../src/explore/drift/faces.ts";
import { resultsCsv, summaryOf } from "../../../src/explore/drift/results.ts";
import { STUDY_SPACES } from "../../../src/explore/drift/spaces.ts";
import { random } from "../../../src/run/random.ts";

const bands = { young: [18, 34], middle: [35, 59], older: [60, 120] } as const;
const TEXTS = Object.values(FACE_PROMPTS);
const space = (
  ids: readonly string[],
  rows: readonly (readonly number[])[],
  texts: readonly (readonly number[])[] | null,
): FaceSpace => ({
  image: STUDY_SPACES.image,
  images: { ids, x: new Float32Array(rows.flat()), n: rows.length, d: rows[0]!.length },
  text: texts && STUDY_SPACES.prompt,
  texts: texts && {
    ids: TEXTS,
    x: new Float32Array(texts.flat()),
    n: texts.length,
    d: texts[0]!.length,
  },
});

describe("by hand", () => {
  const faces: Face[] = [
    { id: "a", age: 18, label: "x" },
    { id: "b", age: 34, label: "x" },
    { id: "c", age: 40, label: "x" },
    { id: "d", age: 60, label: "x" },
    { id: "e", age: 17, label: "x" },
    { id: "f", age: 70, label: null },
  ];
  const rows = [
    [2, 0], // lengths do not count
    [0, 3],
    [0, 1],
    [3, 4],
    [9, 9],
    [9, 9],
  ];
  const texts = [
    [1, 0],
    [1, 0],
    [0, 1],
    [3, 4],
  ];
  const result = faceDrift(faces, bands, [space("abcdef".split(""), rows, texts)]);
  const values = Object.fromEntries(
    result.similarities.spaces.map(({ space: { key }, values }) => [key, values]),
  );

  test("ages are within both ends; faces of no band or label are counted", () => {
    expect(result.support).toEqual([{ label: "x", counts: { young: 2, middle: 1, older: 1 } }]);
    expect(result.leftOut).toBe(2);
  });
  test("cosines with class means, and mean cosines with single faces", () => {
    const close = (numbers: readonly number[]) => [
      numbers.map((value) => expect.closeTo(value, 6)),
    ];
    expect(values["image"]).toEqual(
      close([Math.SQRT1_2, 0, 0.6, Math.SQRT1_2, 0.7 * Math.SQRT2, 0.8]),
    );
    expect(values["image of single faces"]).toEqual(close([0.5, 0, 0.6, 0.5, 0.7, 0.8]));
    expect(values["prompt"]).toEqual(close([1, 0, 0.6, 0, 0.6, 0.8]));
  });
  test("C000-20: the same tables", () => {
    expect(resultsCsv(result.similarities).split("\n").slice(0, 3)).toEqual([
      "Quadruplet,Prompt,Cosine_Similarity_Prompt,Cosine_Similarity_Image,Cosine_Similarity_Latent,ResNet_Similarity,Dino16_Similarity,Split_Product,Cosine_Similarity_Image_Single_Faces",
      "x,young,1.000,0.707,N/A,N/A,N/A,N/A,0.500",
      "x,middle,0.000,0.000,N/A,N/A,N/A,N/A,0.000",
    ]);
    expect(summaryOf(result.similarities)[0]!.nearest.counts).toEqual({
      young: 1,
      middle: 0,
      older: 0,
    });
  });
  test("one face has no spread: no interval", () => {
    const [young, , middle] = result.statistics.comparisons;
    expect(young!.interval).not.toBeNull();
    expect(middle).toMatchObject({ ages: ["middle", "older"], interval: null, resampled: null });
    expect(result.statistics.byCategory).toEqual([]);
  });
});

/** Faces around one mean per age; young ones nearer to the neutral text by `shift`. */
function crowd(n: number, shift: number, seed: number) {
  const next = random("crowd", seed);
  const d = 16;
  const axis = (...of: readonly (readonly [number, number])[]): number[] =>
    Array.from({ length: d }, (_, j) => of.find(([at]) => at === j)?.[1] ?? 0);
  const faces: Face[] = [];
  const rows: number[][] = [];
  for (const label of ["f", "m"])
    for (const [age, place] of [
      [20, 1],
      [40, 2],
      [70, 3],
    ] as const)
      for (let i = 0; i < n; i++) {
        faces.push({ id: `${label} ${age} ${i}`, age, label });
        const mean = axis([0, 0.5 + (age === 20 ? shift : 0)], [place, 1]);
        rows.push(mean.map((value) => value + 0.2 * next.normal()));
      }
  const texts = [axis([0, 1]), axis([1, 1]), axis([2, 1]), axis([3, 1])];
  return {
    faces,
    spaces: [
      space(
        faces.map(({ id }) => id),
        rows,
        texts,
      ),
    ],
  };
}

test("a shift is found, in all and by label; ages without one are not told apart", () => {
  const { faces, spaces } = crowd(60, 0.2, 1);
  const { comparisons, byCategory } = faceDrift(faces, bands, spaces).statistics;
  const [young, , middle] = comparisons;
  expect(young!.interval![0]).toBeGreaterThan(0);
  expect(young!.resampled!.pHolm).toBeLessThan(0.001);
  expect(young!.mean).toBeGreaterThan(young!.interval![0]);
  expect(young!.mean).toBeLessThan(young!.interval![1]);
  expect(middle!.interval![0]).toBeLessThan(0);
  expect(middle!.interval![1]).toBeGreaterThan(0);
  expect(byCategory.map(({ category, ages }) => [category, ages[0]])[0]).toEqual(["f", "young"]);
  expect(byCategory[0]!.interval![0]).toBeGreaterThan(0);
});

test("without a shift, intervals of drawn faces cover 0 about as often as they say", () => {
  const rounds = 120;
  const covered = { image: 0, "image of single faces": 0 };
  for (let round = 0; round < rounds; round++) {
    const { faces, spaces } = crowd(15, 0, round);
    const { comparisons } = faceDrift(faces, bands, spaces, { replicates: 300 }).statistics;
    for (const {
      space: { key },
      ages,
      interval,
    } of comparisons)
      if (ages[0] === "young" && ages[1] === "older" && interval![0] <= 0 && 0 <= interval![1])
        covered[key as keyof typeof covered]++;
  }
  for (const count of Object.values(covered)) {
    expect(count / rounds).toBeGreaterThan(0.87);
    expect(count / rounds).toBeLessThan(0.995);
  }
});

test("an encoder without texts: ages among each other alone, and why", () => {
  const { faces, spaces } = crowd(5, 0, 1);
  const { similarities, statistics } = faceDrift(faces, bands, [
    { image: STUDY_SPACES.dino, images: spaces[0]!.images, text: null, texts: null },
  ]);
  const dino = similarities.spaces.find(({ space: { key } }) => key === "dino")!;
  expect(dino.reason).toContain("no text side");
  expect(dino.values[0]!.slice(0, 3)).toEqual([null, null, null]);
  expect(dino.values[0]![4]).toBeGreaterThan(0);
  expect(statistics.comparisons).toEqual([]);
  expect(statistics.pairs.filter(({ mean }) => mean !== null)).toHaveLength(6);
});

test("the same seed, the same intervals", () => {
  const { faces, spaces } = crowd(5, 0, 1);
  const once = faceDrift(faces, bands, spaces, { replicates: 150 });
  expect(faceDrift(faces, bands, spaces, { replicates: 150 })).toEqual(once);
});

test("errors: no face of any band, texts of another model, a text that is missing", () => {
  const { faces, spaces } = crowd(2, 0, 1);
  const child = [{ id: "a", age: 4, label: "x" }];
  expect(() => faceDrift(child, bands, spaces)).toThrow("expected ages of 18-34, 35-59, 60-120");
  const of = spaces[0]!;
  const short = { ...of.texts!, x: new Float32Array(8), d: 2 };
  expect(() => faceDrift(faces, bands, [{ ...of, texts: short }])).toThrow(
    "received 2 and 16 numbers",
  );
  const unnamed = { ...of.texts!, ids: ["a", "b", "c", "d"] };
  expect(() => faceDrift(faces, bands, [{ ...of, texts: unnamed }])).toThrow(
    'expected an embedding of "a photo of a person"',
  );
});

test("texts name no label: their one nearest age is not counted once a label", () => {
  const faces: Face[] = ["x", "y", "z"].flatMap((label, l) =>
    [20, 40, 70].map((age, i) => ({ id: `${label}${i}`, age: age + l, label })),
  );
  const rows = faces.map((_, i) => [Math.cos(i), Math.sin(i)]);
  const texts = [
    [1, 0],
    [1, 0.1],
    [0, 1],
    [3, 4],
  ];
  const ids = faces.map(({ id }) => id);
  const { similarities } = faceDrift(faces, bands, [space(ids, rows, texts)], { replicates: 20 });
  const nearestOf = (key: string) =>
    faceSummary(similarities).find((row) => row.space.key === key)!.nearest;
  expect(nearestOf("prompt")).toMatchObject({ chi2: null, pValue: null });
  expect(nearestOf("prompt").reason).toContain("the same for every label");
  expect(nearestOf("image").chi2).not.toBeNull();
});
